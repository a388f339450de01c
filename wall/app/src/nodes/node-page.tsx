import type { ApiAgentConfig, ApiConfigSet, ApiDrafted, ApiLogs } from '@ioc/contract/messages/api-node-config.ts'
import { logLevels } from '@ioc/contract/messages/node-command.ts'
import { useEffect, useState } from 'preact/hooks'
import { session } from '../account/session.ts'
import { formatInstant } from '../format.ts'
import { messageOf, send, useApi } from '../pages/api.ts'
import { Fact, Failed, Section, Table } from '../pages/parts.tsx'
import { pathOf } from '../shell/location.ts'
import { now, sites } from '../state.ts'
import { sayTitle } from '../words.ts'
import { DriftMark, isTechnician } from './agents.tsx'
import { CollectorForm } from './collector-form.tsx'
import { sayUpdate } from './rollout-words.ts'
import { sayNodes } from './words.ts'
import '../incidents/incidents.css'
import './nodes.css'

interface Props {
  readonly site: string
  readonly node: string
}

/** Time until the page reads again what became of a configuration, in ms. */
const rereadMs = 5_000

/** One agent: what it is to do, what it reports, its log. */
export function NodePage(props: Props) {
  return (
    <article class="page" data-testid="node-page">
      {isTechnician(session.value?.user) ? <Agent {...props} /> : <p class="card">{sayNodes('technicianOnly')}</p>}
    </article>
  )
}

function Agent({ site, node }: Props) {
  const url = `/api/agents/${pathOf(site, node)}`
  const [version, setVersion] = useState(0)
  const loaded = useApi<ApiAgentConfig>(url, version)
  const reread = () => setVersion((count) => count + 1)
  const isUnsettled = loaded.state === 'ready' && ['waiting', 'trial'].includes(loaded.data.drift)
  useEffect(() => {
    if (!isUnsettled) return
    const timer = setInterval(reread, rereadMs)
    return () => clearInterval(timer)
  }, [isUnsettled])
  switch (loaded.state) {
    case 'loading':
      return <p class="card muted">…</p>
    case 'missing':
      return <p class="card">{sayNodes('noAgents')}</p>
    case 'failed':
      return <Failed retry={loaded.retry} />
    case 'ready':
      return (
        <>
          <State agent={loaded.data} url={url} />
          <Editor agent={loaded.data} url={url} onSaved={reread} />
          <History agent={loaded.data} url={url} onSaved={reread} />
          <Logs url={url} />
        </>
      )
    default:
      return loaded satisfies never
  }
}

interface PartProps {
  readonly agent: ApiAgentConfig
  readonly url: string
}

function State({ agent, url }: PartProps) {
  const [answer, setAnswer] = useState<'collected' | 'noAnswer'>()
  const collect = async (): Promise<void> => {
    setAnswer(undefined)
    const response = await send('POST', `${url}/collect`)
    setAnswer(response?.ok ? 'collected' : 'noAnswer')
  }
  const { report, collectors, version, host, online, site, flows, update } = agent
  return (
    <Section id="agent-state" title={`${sites.value.get(site)?.name ?? site}: ${agent.node}`}>
      <dl class="facts">
        <Fact name={sayNodes('connection')}>{sayNodes(online ? 'online' : 'offline')}</Fact>
        <Fact name={sayNodes('version')}>
          {version ?? ''}
          {host === null ? '' : ` · ${host}`}
        </Fact>
        <Fact name={sayNodes('config')}>
          <DriftMark agent={agent} />
        </Fact>
        {report && <Fact name={sayNodes('inForce')}>{report.in_force}</Fact>}
        {report?.reason !== undefined && <Fact name={sayNodes('reason')}>{report.reason}</Fact>}
        {flows && (
          <Fact name={sayNodes('flows')}>
            <span class={flows.state === 'running' || flows.state === 'off' ? '' : 'badge level-2'}>
              {sayNodes(`flows_${flows.state}`)}
            </span>
            {flows.reason === undefined ? '' : ` · ${flows.reason}`}
          </Fact>
        )}
        {update && (
          <Fact name={sayNodes('update')}>
            {update.version} · {sayUpdate(update.state)}
            {update.reason === undefined ? '' : ` · ${update.reason}`}
          </Fact>
        )}
      </dl>
      <Table label={sayNodes('collectors')} columns={(['collectors', 'state', 'reason'] as const).map(sayNodes)}>
        {collectors.map(({ id, type, state, error }) => (
          <tr key={id}>
            <th scope="row">
              {id} <span class="muted">{type}</span>
            </th>
            <td>
              <span class={state === 'failing' ? 'badge level-2' : ''}>{sayNodes(`collector_${state}`)}</span>
            </td>
            <td>{error ?? ''}</td>
          </tr>
        ))}
      </Table>
      <p class="buttons">
        <button type="button" data-testid="collect-now" onClick={() => void collect()}>
          {sayNodes('collectNow')}
        </button>
        <span role="status" data-testid="collect-outcome">
          {answer && sayNodes(answer)}
        </span>
      </p>
    </Section>
  )
}

type Outcome =
  | { readonly kind: 'valid' | 'conflict' }
  | { readonly kind: 'saved'; readonly revision: number }
  | { readonly kind: 'errors'; readonly errors: ApiDrafted['errors'] }
  | { readonly kind: 'refused'; readonly message: string }

function Editor({ agent, url, onSaved }: PartProps & { readonly onSaved: () => void }) {
  const [latest] = agent.history
  const [yaml, setYaml] = useState(latest?.yaml ?? '')
  /** The revision that the text is based on. */
  const [base, setBase] = useState(latest?.revision ?? 0)
  const [outcome, setOutcome] = useState<Outcome>()
  const draft = async (add?: Readonly<Record<string, unknown>>): Promise<void> => {
    const response = await send('POST', `${url}/draft`, { yaml, ...(add ? { add } : {}) })
    if (!response?.ok) return setOutcome(await refusalOf(response))
    const drafted = (await response.json()) as ApiDrafted
    setYaml(drafted.yaml)
    setOutcome(drafted.errors.length > 0 ? { kind: 'errors', errors: drafted.errors } : { kind: 'valid' })
  }
  const save = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const response = await send('POST', `${url}/config`, { yaml, after: base })
    if (response?.status === 409) return setOutcome({ kind: 'conflict' })
    if (response?.status !== 200 && response?.status !== 422) return setOutcome(await refusalOf(response))
    const { revision, errors } = (await response.json()) as ApiConfigSet
    if (response.status === 422) return setOutcome({ kind: 'errors', errors })
    setBase(revision)
    setOutcome({ kind: 'saved', revision })
    onSaved()
  }
  return (
    <Section id="agent-editor" title={sayNodes('config')}>
      <p class="muted">{sayNodes('editorHint')}</p>
      {!agent.has_key && <p class="muted">{sayNodes('noKey')}</p>}
      <CollectorForm onAdd={(collector) => void draft(collector)} />
      <form class="window-form config-form" onSubmit={save}>
        <label>
          {sayNodes('editor')}
          <textarea
            name="yaml"
            class="config-text"
            rows={16}
            spellcheck={false}
            value={yaml}
            onInput={(event) => setYaml(event.currentTarget.value)}
          />
        </label>
        <p class="buttons">
          <button type="button" data-testid="check-config" onClick={() => void draft()}>
            {sayNodes('check')}
          </button>
          <button type="submit" class="primary" data-testid="save-config">
            {sayNodes('saveConfig')}
          </button>
        </p>
      </form>
      <div role="status" data-testid="config-outcome">
        {outcome && <OutcomeOf outcome={outcome} />}
      </div>
    </Section>
  )
}

function OutcomeOf({ outcome }: { readonly outcome: Outcome }) {
  switch (outcome.kind) {
    case 'valid':
    case 'conflict':
      return <p>{sayNodes(outcome.kind)}</p>
    case 'saved':
      return <p>{`${sayNodes('saved')} ${outcome.revision}.`}</p>
    case 'refused':
      return <p class="badge level-2">{outcome.message}</p>
    case 'errors':
      return (
        <ul class="config-errors">
          {outcome.errors.map(({ field, reason }) => (
            <li key={`${field} ${reason.en}`}>
              {field !== '' && <code>{field}</code>} {sayTitle(reason)}
            </li>
          ))}
        </ul>
      )
    default:
      return outcome satisfies never
  }
}

async function refusalOf(response: Response | undefined): Promise<Outcome> {
  return { kind: 'refused', message: (await messageOf(response)) ?? sayNodes('failed') }
}

function History({ agent, url, onSaved }: PartProps & { readonly onSaved: () => void }) {
  const { history } = agent
  const [latest] = history
  const [shown, setShown] = useState<number>()
  const [hasFailed, setFailed] = useState(false)
  const rollBack = async (revision: number): Promise<void> => {
    if (!confirm(`${sayNodes('revision')} ${revision}: ${sayNodes('rollbackSure')}`)) return
    const response = await send('POST', `${url}/rollback`, { revision })
    setFailed(response?.ok !== true)
    onSaved()
  }
  return (
    <Section id="agent-history" title={sayNodes('history')}>
      {history.length === 0 && <p class="muted">{sayNodes('noHistory')}</p>}
      {hasFailed && <p class="badge level-2">{sayNodes('failed')}</p>}
      {history.length > 0 && (
        <Table
          label={sayNodes('history')}
          columns={(['revision', 'at', 'by', 'actions'] as const).map(sayNodes)}
          numeric={[sayNodes('revision')]}
        >
          {history.map(({ revision, at, by, rollback_of }) => (
            <tr key={revision} data-testid={`revision-${revision}`}>
              <td class="number">{revision}</td>
              <td>{formatInstant(at, now.value)}</td>
              <td>
                {by}
                {rollback_of !== undefined && ` · ${sayNodes('rollbackOf')} ${rollback_of}`}
              </td>
              <td>
                <span class="buttons">
                  <button type="button" onClick={() => setShown(shown === revision ? undefined : revision)}>
                    {sayNodes('showConfig')}
                  </button>
                  {revision !== latest?.revision && (
                    <button type="button" class="roll-back" onClick={() => void rollBack(revision)}>
                      {sayNodes('rollback')}
                    </button>
                  )}
                </span>
              </td>
            </tr>
          ))}
        </Table>
      )}
      {shown !== undefined && (
        <pre class="config-text" data-testid="shown-revision">
          {history.find(({ revision }) => revision === shown)?.yaml}
        </pre>
      )}
    </Section>
  )
}

function Logs({ url }: Pick<PartProps, 'url'>) {
  const [level, setLevel] = useState<string>('info')
  const [logs, setLogs] = useState<ApiLogs | 'noAnswer'>()
  const read = async (): Promise<void> => {
    const response = await send('POST', `${url}/logs`, { level, lines: 200 })
    setLogs(response?.ok ? ((await response.json()) as ApiLogs) : 'noAnswer')
  }
  return (
    <Section id="agent-logs" title={sayNodes('logs')}>
      <p class="buttons window-form">
        <label>
          {sayNodes('logLevel')}
          <select value={level} onChange={(event) => setLevel(event.currentTarget.value)}>
            {logLevels.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <button type="button" data-testid="read-logs" onClick={() => void read()}>
          {sayNodes('readLogs')}
        </button>
      </p>
      <div role="status">{logs === 'noAnswer' && sayNodes('noAnswer')}</div>
      {logs && logs !== 'noAnswer' && (
        <>
          {logs.left_out > 0 && <p class="muted">{`${logs.left_out} ${sayNodes('leftOut')}`}</p>}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard has to reach what scrolls */}
          <pre class="config-text log-lines" data-testid="log-lines" tabIndex={0}>
            {logs.lines.map(logText).join('\n')}
          </pre>
        </>
      )}
    </Section>
  )
}

const levelNames: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' }

/** A line of the log as people read it; one that was cut stays as it is. */
function logText(line: string): string {
  try {
    const { level, time, msg, name: _, ...rest } = JSON.parse(line) as Record<string, unknown>
    const more = Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`
    return `${formatInstant(Number(time), now.value)} ${levelNames[Number(level)] ?? ''} ${String(msg)}${more}`
  } catch {
    return line
  }
}
