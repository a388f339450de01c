import { expiryState } from '@ioc/contract/credential-expiry.ts'
import type { ApiBundles, ApiNode, ApiNodes, ApiPending, ApiTokenAdded } from '@ioc/contract/messages/api-enrol.ts'
import { isLimited } from '@ioc/contract/roles.ts'
import { useState } from 'preact/hooks'
import { installLine } from '../../../shared/install-line.ts'
import { session } from '../account/session.ts'
import { formatInstant } from '../format.ts'
import { send, useApi } from '../pages/api.ts'
import { Failed, Section, SiteSuggestions, Table, useFirstRows } from '../pages/parts.tsx'
import { now, sites } from '../state.ts'
import { Agents, isTechnician } from './agents.tsx'
import { QrCode } from './qr-code.tsx'
import { Rollouts } from './rollout.tsx'
import { sayNodes } from './words.ts'
import '../incidents/incidents.css'
import './nodes.css'

/** Changes something; resolves to the answer, or undefined where it failed. */
type Change = (...request: Parameters<typeof send>) => Promise<unknown>

/** Agents, for technicians; nodes, machines that wait, and tokens, for administrators. */
export function NodesPage() {
  const user = session.value?.user
  return (
    <article class="page" data-testid="nodes-page">
      {isTechnician(user) ? <Agents /> : <p class="card">{sayNodes('technicianOnly')}</p>}
      {user?.role === 'admin' && <Enrolment isOfAllPlaces={!isLimited(user)} />}
    </article>
  )
}

/** Machines that wait are of no place, and a roll-out is of all nodes: neither is for users who are limited to places. */
function Enrolment({ isOfAllPlaces }: { readonly isOfAllPlaces: boolean }) {
  const [version, setVersion] = useState(0)
  const [hasFailed, setFailed] = useState(false)
  const change: Change = async (...request) => {
    const response = await send(...request)
    setFailed(response?.ok !== true)
    setVersion((count) => count + 1)
    if (response?.ok !== true) return undefined
    return response.status === 204 ? true : response.json()
  }
  return (
    <>
      <p role="status" data-testid="nodes-outcome">
        {hasFailed && <span class="badge level-2">{sayNodes('failed')}</span>}
      </p>
      {isOfAllPlaces && <Pending change={change} version={version} />}
      <NewToken change={change} />
      {isOfAllPlaces && <Rollouts />}
      <Registered change={change} version={version} />
    </>
  )
}

interface Props {
  readonly change: Change
  readonly version: number
}

function Pending({ change, version }: Props) {
  const loaded = useApi<ApiPending>('/api/enrol/pending', version)
  const pending = loaded.state === 'ready' ? loaded.data.pending : []
  const accept = (event: SubmitEvent, id: string): void => {
    event.preventDefault()
    void change(
      'POST',
      `/api/enrol/pending/${id}/accept`,
      grantOf(new FormData(event.currentTarget as HTMLFormElement)),
    )
  }
  return (
    <Section id="pending-nodes" title={sayNodes('pending')}>
      {loaded.state === 'failed' && <Failed retry={loaded.retry} />}
      {pending.length === 0 ? (
        <p class="muted">{sayNodes('noPending')}</p>
      ) : (
        <>
          <p class="muted">{sayNodes('pendingHint')}</p>
          {pending.map(({ id, code, host, arch, address }) => (
            <form key={id} class="window-form" data-testid={`pending-${code}`} onSubmit={(event) => accept(event, id)}>
              <p>
                <strong>{code}</strong> {host} · {arch} · {address}
              </p>
              <GrantFields />
              <button type="submit" class="primary">
                {sayNodes('accept')}
              </button>
              <button type="button" onClick={() => void change('POST', `/api/enrol/pending/${id}/reject`)}>
                {sayNodes('reject')}
              </button>
            </form>
          ))}
        </>
      )}
    </Section>
  )
}

function GrantFields() {
  return (
    <>
      <label>
        {sayNodes('site')}
        <input name="site" required maxLength={64} pattern="[A-Za-z0-9][A-Za-z0-9_.\-]*" list="sites-of-nodes" />
        <SiteSuggestions id="sites-of-nodes" />
      </label>
      <label>
        {sayNodes('node')}
        <input name="node" maxLength={64} placeholder={sayNodes('nodeHint')} />
      </label>
    </>
  )
}

function grantOf(data: FormData): { site: string; node?: string } {
  const text = (name: string) => String(data.get(name) ?? '').trim()
  return { site: text('site'), ...(text('node') === '' ? {} : { node: text('node') }) }
}

function NewToken({ change }: Pick<Props, 'change'>) {
  const [added, setAdded] = useState<ApiTokenAdded>()
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const data = new FormData(event.currentTarget as HTMLFormElement)
    const limits = { uses: Number(data.get('uses')), expires_s: Number(data.get('hours')) * 3600 }
    setAdded((await change('POST', '/api/enrol/tokens', { ...grantOf(data), ...limits })) as ApiTokenAdded | undefined)
  }
  return (
    <Section id="new-token" title={sayNodes('newToken')}>
      <p class="muted">{sayNodes('newTokenHint')}</p>
      <form class="window-form" onSubmit={submit}>
        <GrantFields />
        <label>
          {sayNodes('uses')}
          <input name="uses" type="number" min={1} max={1000} required defaultValue="1" />
        </label>
        <label>
          {sayNodes('hours')}
          <input name="hours" type="number" min={1} max={720} required defaultValue="24" />
        </label>
        <button type="submit" class="primary" data-testid="create-token">
          {sayNodes('create')}
        </button>
      </form>
      {added && <AddedToken token={added.token} />}
    </Section>
  )
}

function AddedToken({ token }: { readonly token: string }) {
  const loaded = useApi<ApiBundles>('/api/agent')
  const scripts = loaded.state === 'ready' ? loaded.data.scripts : []
  const lines = scripts.map((script) => ({
    title: script.file.endsWith('.ps1') ? sayNodes('pasteWindows') : sayNodes('pasteLinux'),
    line: installLine(script, location.origin, token),
  }))
  const shown =
    lines.length > 0 ? lines : [{ title: sayNodes('noBundle'), line: `ioc-agent enrol ${location.origin} ${token}` }]
  return (
    <div data-testid="added-token">
      {shown.map(({ title, line }) => (
        <div key={title}>
          <h3>{title}</h3>
          <pre class="line-to-paste">{line}</pre>
          <CopyButton text={line} />
        </div>
      ))}
      <QrCode text={shown[0]?.line ?? token} label={sayNodes('qr')} />
    </div>
  )
}

function CopyButton({ text }: { readonly text: string }) {
  const [isCopied, setCopied] = useState(false)
  // Browsers give pages without TLS no clipboard; there the line is selected by a click.
  if (!navigator.clipboard) return null
  const copy = () => navigator.clipboard.writeText(text).then(() => setCopied(true))
  return (
    <button type="button" onClick={() => void copy()}>
      {sayNodes(isCopied ? 'copied' : 'copy')}
    </button>
  )
}

const stateWords = {
  active: 'stateActive',
  pending: 'statePending',
  expired: 'stateExpired',
  revoked: 'stateRevoked',
} as const

/** When a credential expires, in colour where somebody is to renew it. */
function Expiry({ node: { created, expires, state } }: { readonly node: ApiNode }) {
  if (expires === null) return <>{state === 'revoked' ? '' : sayNodes('never')}</>
  const text = formatInstant(expires, now.value)
  switch (expiryState({ created, expires }, now.value)) {
    case 'valid':
      return <>{text}</>
    case 'expiring':
      return <span class="badge level-1">{text}</span>
    case 'expired':
      return <span class="badge level-2">{text}</span>
  }
}

function Registered({ change, version }: Props) {
  const loaded = useApi<ApiNodes>('/api/nodes', version)
  const { nodes, tokens } = loaded.state === 'ready' ? loaded.data : { nodes: [], tokens: [] }
  const { shown, more } = useFirstRows(nodes)
  const revoke = ({ site, node }: ApiNode): void => {
    if (confirm(`${site}/${node}: ${sayNodes('revokeSure')}`)) void change('DELETE', `/api/nodes/${site}/${node}`)
  }
  return (
    <>
      <Section id="nodes" title={sayNodes('nodes')}>
        {loaded.state === 'failed' && <Failed retry={loaded.retry} />}
        <Table
          label={sayNodes('nodes')}
          columns={(['site', 'node', 'state', 'created', 'expires', 'actions'] as const).map(sayNodes)}
        >
          {shown.map((one) => (
            <tr key={`${one.site}/${one.node}`} data-testid={`node-${one.site}-${one.node}`}>
              <th scope="row">{sites.value.get(one.site)?.name ?? one.site}</th>
              <td>{one.node}</td>
              <td>
                {sayNodes(stateWords[one.state])}
                {one.clone_suspected !== null && <span class="badge level-2"> {sayNodes('clone')}</span>}
              </td>
              <td>{formatInstant(one.created, now.value)}</td>
              <td>
                <Expiry node={one} />
              </td>
              <td>
                {one.state !== 'revoked' && (
                  <button type="button" onClick={() => revoke(one)}>
                    {sayNodes('revoke')}
                  </button>
                )}
              </td>
            </tr>
          ))}
        </Table>
        {more}
      </Section>
      <Section id="tokens" title={sayNodes('tokens')}>
        {tokens.length === 0 ? (
          <p class="muted">{sayNodes('noTokens')}</p>
        ) : (
          <Table
            label={sayNodes('tokens')}
            columns={(['site', 'node', 'used', 'expires', 'by', 'actions'] as const).map(sayNodes)}
          >
            {tokens.map(({ id, site, node, used, uses, expires, by }) => (
              <tr key={id}>
                <th scope="row">{sites.value.get(site)?.name ?? site}</th>
                <td>{node}</td>
                <td>{`${used}/${uses}`}</td>
                <td>{formatInstant(expires, now.value)}</td>
                <td>{by}</td>
                <td>
                  <button type="button" onClick={() => void change('DELETE', `/api/enrol/tokens/${id}`)}>
                    {sayNodes('revoke')}
                  </button>
                </td>
              </tr>
            ))}
          </Table>
        )}
      </Section>
    </>
  )
}
