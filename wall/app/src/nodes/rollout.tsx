import type { ApiRollout, ApiRollouts } from '@ioc/contract/messages/api-rollout.ts'
import { useState } from 'preact/hooks'
import { formatInstant } from '../format.ts'
import { messageOf, send, useApi } from '../pages/api.ts'
import { Failed, Section, Table } from '../pages/parts.tsx'
import { now, sites } from '../state.ts'
import { sayRollout, sayUpdate } from './rollout-words.ts'

/** Nodes that are listed one by one, at most; the states of all are counted above. */
const maxListed = 200

/** Versions of the agents, and how a new one reaches them: of administrators. */
export function Rollouts() {
  const [version, setVersion] = useState(0)
  const [refusal, setRefusal] = useState<string>()
  const loaded = useApi<ApiRollouts>('/api/agent/rollout', version)
  const change = async (path: string, body?: object): Promise<void> => {
    const response = await send('POST', `/api/agent/rollout${path}`, body)
    setRefusal(response?.ok ? undefined : ((await messageOf(response)) ?? ''))
    setVersion((count) => count + 1)
  }
  if (loaded.state === 'failed') return <Failed retry={loaded.retry} />
  if (loaded.state !== 'ready') return null
  const { versions, nodes, rollouts } = loaded.data
  const [present, ...earlier] = rollouts
  const isActive = present?.state === 'running' || present?.state === 'paused'
  return (
    <Section id="rollout" title={sayRollout('title')}>
      <Versions nodes={nodes} />
      {refusal !== undefined && (
        <p role="alert">
          <span class="badge level-2">{sayRollout('refused')}</span> {refusal}
        </p>
      )}
      {present && <Present rollout={present} change={change} />}
      {!isActive && <Start versions={versions} change={change} />}
      {earlier.length > 0 && (
        <p class="muted">
          {sayRollout('earlier')}:{' '}
          {earlier
            .map(({ id, state, began }) => `${id} (${sayRollout(state)}, ${formatInstant(began, now.value)})`)
            .join('; ')}
        </p>
      )}
    </Section>
  )
}

function Versions({ nodes }: Pick<ApiRollouts, 'nodes'>) {
  const counts = new Map<string, number>()
  for (const { version, update } of nodes) if (update) counts.set(version, (counts.get(version) ?? 0) + 1)
  const manual = nodes.filter(({ update }) => update === null).length
  const parts = [...counts].sort().map(([version, count]) => `${version}: ${count}`)
  return (
    <p data-testid="rollout-versions">
      {sayRollout('versions')}: {parts.length === 0 ? sayRollout('none') : parts.join(' · ')}
      {manual > 0 && <span class="muted"> ({`${manual} ${sayRollout('manual')}`})</span>}
    </p>
  )
}

interface Change {
  readonly change: (path: string, body?: object) => Promise<void>
}

function Start({ versions, change }: Pick<ApiRollouts, 'versions'> & Change) {
  if (versions.length === 0) return <p class="muted">{sayRollout('noVersions')}</p>
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const data = new FormData(event.currentTarget as HTMLFormElement)
    const [version, start] = [String(data.get('version')), String(data.get('start'))]
    if (confirm(`${version}: ${sayRollout('sure')}`)) {
      void change('', { version, start, hold_h: Number(data.get('hold')) })
    }
  }
  return (
    <form class="window-form" onSubmit={submit}>
      <label>
        {sayRollout('version')}
        <select name="version">
          {versions.map(({ version, platforms }) => (
            <option key={version} value={version}>{`${version} (${platforms.join(', ')})`}</option>
          ))}
        </select>
      </label>
      <label>
        {sayRollout('when')}
        <select name="start">
          <option value="window">{sayRollout('atNight')}</option>
          <option value="now">{sayRollout('atOnce')}</option>
        </select>
      </label>
      <label>
        {sayRollout('hold')}
        <input name="hold" type="number" min={0} max={720} required defaultValue="24" />
      </label>
      <button type="submit" class="primary" data-testid="start-rollout">
        {sayRollout('start')}
      </button>
    </form>
  )
}

function Present({ rollout, change }: { readonly rollout: ApiRollout } & Change) {
  const { version, state, paused, ring, rings, next_ring_at, nodes, began, by } = rollout
  const counts = new Map<string, number>()
  for (const one of nodes) counts.set(one.state, (counts.get(one.state) ?? 0) + 1)
  const cancel = (): void => {
    if (confirm(`${version}: ${sayRollout('cancelSure')}`)) void change('/cancel')
  }
  return (
    <div data-testid="rollout-present">
      <p>
        <strong>{version}</strong> <span class={`badge level-${state === 'paused' ? 2 : 0}`}>{sayRollout(state)}</span>
        {paused && ` ${sayRollout('because')} ${paused.reverted}/${paused.of} ${sayRollout('haveReverted')}`}
      </p>
      <p>
        {sayRollout('ring')} {ring}/{rings.length} ({rings.join(' → ')})
        {next_ring_at !== null && `, ${sayRollout('nextRing')} ${formatInstant(next_ring_at, now.value)}`}
      </p>
      <p class="muted">
        {sayRollout('began')} {formatInstant(began, now.value)}, {by}.{' '}
        {[...counts].map(([name, count]) => `${sayUpdate(name)}: ${count}`).join(' · ')}
      </p>
      {(state === 'running' || state === 'paused') && (
        <p class="rollout-actions">
          {state === 'running' ? (
            <button type="button" onClick={() => void change('/pause')}>
              {sayRollout('pause')}
            </button>
          ) : (
            <button type="button" class="primary" onClick={() => void change('/resume')}>
              {sayRollout('resume')}
            </button>
          )}
          <button type="button" onClick={cancel}>
            {sayRollout('cancel')}
          </button>
        </p>
      )}
      <Table
        label={sayRollout('title')}
        columns={(['site', 'node', 'ring', 'state', 'reason'] as const).map(sayRollout)}
        numeric={[sayRollout('ring')]}
      >
        {nodes.slice(0, maxListed).map(({ node: name, ring: of, state: reported, reason }) => {
          const [site = '', node = ''] = name.split('/')
          return (
            <tr key={name} data-testid={`rollout-${site}-${node}`}>
              <th scope="row">{sites.value.get(site)?.name ?? site}</th>
              <td>{node}</td>
              <td class="number">{of}</td>
              <td>
                {reported === 'reverted' || reported === 'refused' ? (
                  <span class="badge level-2">{sayUpdate(reported)}</span>
                ) : (
                  sayUpdate(reported)
                )}
              </td>
              <td>{reason ?? ''}</td>
            </tr>
          )
        })}
      </Table>
      {nodes.length > maxListed && <p class="muted">{`… ${nodes.length - maxListed}`}</p>}
    </div>
  )
}
