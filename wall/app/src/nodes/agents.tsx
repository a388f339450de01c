import type { ApiAgent, ApiAgents } from '@ioc/contract/messages/api-node-config.ts'
import { includesRole, type User } from '@ioc/contract/roles.ts'
import { useApi } from '../pages/api.ts'
import { Failed, Section, Table } from '../pages/parts.tsx'
import { nodeUrl } from '../shell/location.ts'
import { sites } from '../state.ts'
import { sayNodes } from './words.ts'

export const isTechnician = (user: Pick<User, 'role'> | null | undefined): boolean =>
  includesRole(user?.role ?? 'viewer', 'technician')

/** All agents with their versions, and whether they have what the centre wants. */
export function Agents() {
  const loaded = useApi<ApiAgents>('/api/agents')
  const agents = loaded.state === 'ready' ? loaded.data.agents : []
  return (
    <Section id="agents" title={sayNodes('agents')}>
      {loaded.state === 'failed' && <Failed retry={loaded.retry} />}
      {loaded.state === 'ready' && agents.length === 0 && <p class="muted">{sayNodes('noAgents')}</p>}
      {agents.length > 0 && (
        <Table
          label={sayNodes('agents')}
          columns={(['site', 'node', 'connection', 'version', 'config'] as const).map(sayNodes)}
        >
          {agents.map((agent) => (
            <tr key={`${agent.site}/${agent.node}`} data-testid={`agent-${agent.site}-${agent.node}`}>
              <th scope="row">{sites.value.get(agent.site)?.name ?? agent.site}</th>
              <td>
                <a href={nodeUrl(agent.site, agent.node)}>{agent.node}</a>
              </td>
              <td>{sayNodes(agent.online ? 'online' : 'offline')}</td>
              <td>{agent.version ?? ''}</td>
              <td>
                <DriftMark agent={agent} />
                {agent.failing > 0 && ` · ${agent.failing} ${sayNodes('failingCollectors')}`}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Section>
  )
}

/** Only what needs somebody is in colour. */
export function DriftMark({ agent }: { readonly agent: Pick<ApiAgent, 'drift' | 'desired_revision'> }) {
  const { drift, desired_revision: revision } = agent
  const text = `${sayNodes(`drift_${drift}`)}${revision === null ? '' : ` (${revision})`}`
  return drift === 'failed' ? <span class="badge level-2">{text}</span> : <span>{text}</span>
}
