import type { ApiIncidentRow } from '@ioc/contract/messages/api-incidents.ts'
import { isActive, parseThing, type Severity, type ThingId } from '@ioc/contract/messages/incidents.ts'
import type { Level } from '@ioc/contract/messages/live.ts'
import { useState } from 'preact/hooks'
import { formatAge, formatInstant } from '../format.ts'
import { send } from '../pages/api.ts'
import { LevelShape } from '../panels/level-mark.tsx'
import { boardOfIndicator } from '../shell/boards.ts'
import { boardUrl, deviceUrl, homeUid, incidentUrl, siteUrl } from '../shell/location.ts'
import { now, sites } from '../state.ts'
import { sayTitle } from '../words.ts'
import { sayIncident, saySeverity, sayState } from './words.ts'
import './incidents.css'

const levels: Readonly<Record<Severity, Level>> = { low: 0, medium: 1, high: 2, critical: 3 }

/** Shape and word of a severity; only of an incident that is active in colour. */
export function SeverityMark({ incident }: { readonly incident: Pick<ApiIncidentRow, 'severity' | 'state'> }) {
  const { severity } = incident
  const level = isActive(incident) ? levels[severity] : 0
  return (
    <span class={`severity level-${level}`} data-testid="severity">
      <LevelShape level={level} />
      {saySeverity(severity)}
    </span>
  )
}

export function StateMark({ incident }: { readonly incident: Pick<ApiIncidentRow, 'state' | 'flapping'> }) {
  const { state, flapping } = incident
  return (
    <span class={`incident-state ${state}`} data-testid="incident-state">
      {sayState(state)}
      {flapping && ` · ${sayIncident('flapping')}`}
    </span>
  )
}

/** Who holds an incident; '' where nobody does. */
export function holderOf({ assigned, acknowledged }: Pick<ApiIncidentRow, 'assigned' | 'acknowledged'>): string {
  return assigned ?? acknowledged?.by ?? ''
}

export function placeName({ site }: Pick<ApiIncidentRow, 'site'>): string {
  return site === null ? '' : (sites.value.get(site)?.name ?? site)
}

/** Where a thing has a page of its own. */
export function thingUrl(thing: ThingId): string {
  const { kind, key } = parseThing(thing)
  const [first = '', second = ''] = key.split('/')
  switch (kind) {
    case 'device':
      return deviceUrl(first, second)
    case 'site':
    case 'node':
    case 'ledger':
    case 'collector':
      return siteUrl(first)
    case 'indicator':
      return boardUrl(boardOfIndicator(first)?.uid ?? homeUid)
    case 'process':
      return boardUrl('ioc-centre')
    default:
      return boardUrl('ioc-devices')
  }
}

/** How long ago an incident began. */
export function Began({ at }: { readonly at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={formatInstant(at, now.value)}>
      {formatAge(at, now.value)}
    </time>
  )
}

/** A line of a list: what, where, since when, who. */
export function IncidentLine({ incident }: { readonly incident: ApiIncidentRow }) {
  const { id, title, began, site } = incident
  const holder = holderOf(incident)
  return (
    <a class="incident-line" href={incidentUrl(id)} data-testid={`incident-${id}`}>
      <SeverityMark incident={incident} />
      <strong class="incident-title">{sayTitle(title)}</strong>
      <span class="muted">
        <StateMark incident={incident} />
        {site !== null && ` · ${placeName(incident)}`}
        {holder !== '' && ` · ${holder}`}
        {' · '}
        <Began at={began} />
      </span>
    </a>
  )
}

/** The sign of maintenance. */
export function Wrench() {
  return (
    <svg class="wrench" viewBox="0 0 16 16" aria-hidden="true">
      <path d="M14.5 4.2a4 4 0 0 1-5.3 4.6L4 14a1.6 1.6 0 0 1-2.2-2.2l5.3-5.2a4 4 0 0 1 4.7-5.2L9.6 3.7l.5 2.2 2.2.5z" />
    </svg>
  )
}

export type Outcome = 'refused' | 'over' | 'away' | 'invalid' | 'sent'

async function post(path: string, body?: object): Promise<Outcome> {
  const response = await send('POST', path, body)
  if (response?.ok) return 'sent'
  switch (response?.status) {
    case 401:
    case 403:
      return 'refused'
    case 404:
    case 409:
      return 'over'
    case 400:
      return 'invalid'
    default:
      return 'away'
  }
}

export interface Action {
  readonly isBusy: boolean
  readonly outcome: Outcome | undefined
  /** Resolves to whether it was accepted. */
  run(path: string, body?: object): Promise<boolean>
}

/** One request at a time: a second tap while the first is on its way does nothing. */
export function useAction(): Action {
  const [isBusy, setBusy] = useState(false)
  const [outcome, setOutcome] = useState<Outcome>()
  const run = async (path: string, body?: object): Promise<boolean> => {
    if (isBusy) return false
    setBusy(true)
    const result = await post(path, body)
    setOutcome(result)
    setBusy(false)
    return result === 'sent'
  }
  return { isBusy, outcome, run }
}

/** What became of the last request, in a place that is always there, so that it is read aloud. */
export function OutcomeText({ action }: { readonly action: Action }) {
  const { outcome } = action
  return (
    <p class="outcome" role="status" data-testid="outcome">
      {outcome && <span class={outcome === 'sent' ? 'muted' : 'badge level-2'}>{sayIncident(outcome)}</span>}
    </p>
  )
}
