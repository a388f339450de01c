import type { ApiIncidents } from '@ioc/contract/messages/api-incidents.ts'
import type { LiveDevice } from '@ioc/contract/messages/live.ts'
import { useApi } from '../pages/api.ts'
import { Section } from '../pages/parts.tsx'
import { incidents, now } from '../state.ts'
import { IncidentLine, Wrench } from './parts.tsx'
import { endOf, formatRemaining, openWindowOf } from './windows.ts'
import { sayIncident } from './words.ts'

interface PlaceProps {
  readonly site: string
  readonly device?: string
}

/** The active incidents that concern a place; nothing where there are none. */
export function PlaceIncidents({ site, device }: PlaceProps) {
  const asked = new URLSearchParams({ site, ...(device === undefined ? {} : { device }) })
  const loaded = useApi<ApiIncidents>(`/api/incidents?${asked}`, incidents.value?.version)
  if (loaded.state !== 'ready' || loaded.data.incidents.length === 0) return null
  return (
    <Section id="place-incidents" title={sayIncident('incidents')}>
      <ul class="my-incidents">
        {loaded.data.incidents.map((incident) => (
          <li key={incident.id}>
            <IncidentLine incident={incident} />
          </li>
        ))}
      </ul>
    </Section>
  )
}

/** A wrench with the time that remains, while a place is in maintenance. */
export function MaintenanceMark({ place }: { readonly place: Pick<LiveDevice, 'site'> & Partial<LiveDevice> }) {
  const window = openWindowOf(place)
  if (!window) return null
  const remaining = formatRemaining(endOf(window) - now.value)
  return (
    <span class="badge silent" title={window.reason} data-testid="maintenance-mark">
      <Wrench /> {sayIncident('inMaintenance')} · {sayIncident('remaining').toLowerCase()} {remaining}
    </span>
  )
}
