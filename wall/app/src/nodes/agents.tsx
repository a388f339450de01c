import type { ApiAgent, ApiAgents } from '@ioc/contract/messages/api-node-config.ts'
import { includesRole, type User } from '@ioc/contract/roles.ts'
import { useState } from 'preact/hooks'
import { fold } from '../fold.ts'
import { useApi } from '../pages/api.ts'
import { Failed, Section, Table, useFirstRows } from '../pages/parts.tsx'
import { nodeUrl } from '../shell/location.ts'
import { sites } from '../state.ts'
import { sayNodes } from './words.ts'

export const isTechnician = (user: Pick<User, 'role'> | null | undefined): boolean =>
  includesRole(user?.role ?? 'viewer', 'technician')

const needsSomebody = ({ online, drift, failing }: ApiAgent): boolean => !online || drift === 'failed' || failing > 0

const siteName = ({ site }: ApiAgent): string => sites.value.get(site)?.name ?? site

/** All agents with their versions, and whether they have what the centre wants: first those that need somebody. */
export function Agents() {
  const loaded = useApi<ApiAgents>('/api/agents')
  const agents = loaded.state === 'ready' ? loaded.data.agents : []
  return (
    <Section id="agents" title={`${sayNodes('agents')}${agents.length > 0 ? ` (${agents.length})` : ''}`}>
      {loaded.state === 'failed' && <Failed retry={loaded.retry} />}
      {loaded.state === 'ready' && agents.length === 0 && <p class="muted">{sayNodes('noAgents')}</p>}
      {agents.length > 0 && <AgentTable agents={agents} />}
    </Section>
  )
}

function AgentTable({ agents }: { readonly agents: readonly ApiAgent[] }) {
  const [isShort, setShort] = useState(false)
  const [text, setText] = useState('')
  const wanted = fold(text.trim())
  const urgent = agents.filter(needsSomebody)
  const ordered = isShort ? urgent : [...urgent, ...agents.filter((one) => !needsSomebody(one))]
  const found = ordered.filter((one) => fold(`${siteName(one)} ${one.site} ${one.node}`).includes(wanted))
  const { shown, more } = useFirstRows(found)
  return (
    <>
      <div class="filters">
        <label>
          {sayNodes('show')}
          <select
            value={isShort ? 'urgent' : 'all'}
            onChange={(event) => setShort(event.currentTarget.value === 'urgent')}
            data-testid="filter-agents"
          >
            <option value="all">{`${sayNodes('allAgents')} (${agents.length})`}</option>
            <option value="urgent">{`${sayNodes('urgentAgents')} (${urgent.length})`}</option>
          </select>
        </label>
        <label>
          {sayNodes('search')}
          <input type="search" value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
      </div>
      {shown.length === 0 ? (
        <p class="muted">{sayNodes('noMatch')}</p>
      ) : (
        <Table
          label={sayNodes('agents')}
          columns={(['site', 'node', 'connection', 'version', 'config'] as const).map(sayNodes)}
        >
          {shown.map((agent) => (
            <tr key={`${agent.site}/${agent.node}`} data-testid={`agent-${agent.site}-${agent.node}`}>
              <th scope="row">{siteName(agent)}</th>
              <td>
                <a href={nodeUrl(agent.site, agent.node)}>{agent.node}</a>
              </td>
              <td>{agent.online ? sayNodes('online') : <span class="badge level-1">{sayNodes('offline')}</span>}</td>
              <td>{agent.version ?? ''}</td>
              <td>
                <DriftMark agent={agent} />
                {agent.failing > 0 && ` · ${agent.failing} ${sayNodes('failingCollectors')}`}
              </td>
            </tr>
          ))}
        </Table>
      )}
      {more}
    </>
  )
}

/** Only what needs somebody is in colour. */
export function DriftMark({ agent }: { readonly agent: Pick<ApiAgent, 'drift' | 'desired_revision'> }) {
  const { drift, desired_revision: revision } = agent
  const text = `${sayNodes(`drift_${drift}`)}${revision === null ? '' : ` (${revision})`}`
  return drift === 'failed' ? <span class="badge level-2">{text}</span> : <span>{text}</span>
}
