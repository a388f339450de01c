import type { ApiIncidentRow, ApiIncidents } from '@ioc/contract/messages/api-incidents.ts'
import { useApi } from '../pages/api.ts'
import { Failed, Section } from '../pages/parts.tsx'
import { sayPage } from '../pages/words.ts'
import { incidents } from '../state.ts'
import { TakeButton } from './acknowledge.tsx'
import { IncidentLine } from './parts.tsx'
import { sayIncident } from './words.ts'

/** For a technician with a phone: what is assigned to me, and what nobody holds yet. */
export function MyPage() {
  const version = incidents.value?.version
  const mine = useApi<ApiIncidents>('/api/incidents?assigned=me', version)
  const free = useApi<ApiIncidents>('/api/incidents?assigned=nobody', version)
  if (mine.state === 'failed') return <Failed retry={mine.retry} />
  if (free.state === 'failed') return <Failed retry={free.retry} />
  if (mine.state !== 'ready' || free.state !== 'ready') return <p class="muted">{sayPage('loading')}</p>
  const mayTake = mine.data.may.includes('acknowledge')
  return (
    <article class="page my-page" data-testid="my-page">
      <Section id="mine" title={sayIncident('mine')}>
        <Incidents rows={mine.data.incidents} none={sayIncident('noneMine')} mayTake={mayTake} />
      </Section>
      <Section id="free" title={sayIncident('free')}>
        <Incidents rows={free.data.incidents} none={sayIncident('noneFree')} mayTake={mayTake} />
      </Section>
      <p>
        <a href="/incidents">{sayIncident('all')}</a>
      </p>
    </article>
  )
}

interface IncidentsProps {
  readonly rows: readonly ApiIncidentRow[]
  readonly none: string
  readonly mayTake: boolean
}

function Incidents({ rows, none, mayTake }: IncidentsProps) {
  if (rows.length === 0) return <p class="muted">{none}</p>
  return (
    <ul class="my-incidents">
      {rows.map((incident) => (
        <li key={incident.id}>
          <IncidentLine incident={incident} />
          {mayTake && incident.state === 'open' && <TakeButton id={incident.id} />}
        </li>
      ))}
    </ul>
  )
}
