import type { ApiDelivery, ApiIncidentDetail, ApiThing } from '@ioc/contract/messages/api-incidents.ts'
import type { ApiAssignees } from '@ioc/contract/messages/api-rota.ts'
import { isActive, parseThing, type Severity, type ThingId } from '@ioc/contract/messages/incidents.ts'
import { useMemo, useState } from 'preact/hooks'
import { IncidentStills } from '../cameras/alarm.tsx'
import { formatAge, formatDateTime, formatInstant, formatNumber, formatValue } from '../format.ts'
import type { LiveDistrictMapProps } from '../map/live-map.tsx'
import { useApi } from '../pages/api.ts'
import { Badge, Fact, Failed, Section, Table } from '../pages/parts.tsx'
import { UnknownPage } from '../pages/unknown-page.tsx'
import { sayPage } from '../pages/words.ts'
import { lazyPanel } from '../panels/lazy.tsx'
import { incidentUrl, siteUrl } from '../shell/location.ts'
import { areas, incidents, now } from '../state.ts'
import { sayArea, sayTitle } from '../words.ts'
import { Acknowledge, TakeButton } from './acknowledge.tsx'
import { holderOf, OutcomeText, SeverityMark, StateMark, thingUrl, useAction, Wrench } from './parts.tsx'
import {
  sayChannel,
  sayDelivery,
  sayEvent,
  sayIncident,
  sayKind,
  sayMessage,
  sayReason,
  saySeverity,
  sayThingState,
} from './words.ts'

/** An incident: what and where, why, since when, what it takes with it, who does what. */
export function IncidentPage({ id }: { readonly id: number }) {
  const loaded = useApi<ApiIncidentDetail>(`/api/incidents/${id}`, incidents.value?.version)
  switch (loaded.state) {
    case 'loading':
      return <p class="muted">{sayPage('loading')}</p>
    case 'missing':
      return <UnknownPage what="incident" name={String(id)} />
    case 'failed':
      return <Failed retry={loaded.retry} />
    case 'ready':
      return <Detail incident={loaded.data} />
    default:
      return loaded satisfies never
  }
}

function Detail({ incident }: { readonly incident: ApiIncidentDetail }) {
  const { state, affected, affected_count, live } = incident
  return (
    <article class="page incident-page" data-testid="incident-page">
      <Head incident={incident} />
      {live && state !== 'closed' && incident.may.length > 0 && <Actions incident={incident} />}
      <div class="incident-columns">
        <div class="page">
          <Section id="incident-chain" title={sayIncident('chain')}>
            <Chain chain={incident.chain} />
          </Section>
          {affected_count > 0 && (
            <Section id="incident-affected" title={`${sayIncident('affected')}: ${formatNumber(affected_count)}`}>
              <Affected things={affected} count={affected_count} />
            </Section>
          )}
          <Values incident={incident} />
        </div>
        <div class="page">
          <IncidentStills id={incident.id} />
          <Deliveries incident={incident} />
          <PlaceMap place={incident.place} />
          <Section id="incident-timeline" title={sayIncident('timeline')}>
            <Timeline incident={incident} />
          </Section>
        </div>
      </div>
    </article>
  )
}

function Head({ incident }: { readonly incident: ApiIncidentDetail }) {
  const { title, began, opened, ended, acknowledged, place, merged_into } = incident
  return (
    <header class="page-head">
      <h2>
        <SeverityMark incident={incident} /> · {sayTitle(title)}
      </h2>
      <dl>
        <Fact name={sayIncident('state')}>
          <StateMark incident={incident} />
        </Fact>
        <Fact name={sayIncident('since')}>
          {formatInstant(began, now.value)} <span class="muted">({formatAge(began, now.value)})</span>
        </Fact>
        <Fact name={sayIncident('opened')}>{formatInstant(opened, now.value)}</Fact>
        {ended !== null && <Fact name={sayIncident('ended')}>{formatInstant(ended, now.value)}</Fact>}
        {place && (
          <Fact name={sayIncident('where')}>
            <a href={siteUrl(place.site)}>{place.name ?? place.site}</a>
            {place.area !== null && `, ${sayArea(place.area, areas.value.get(place.area))}`}
          </Fact>
        )}
        <Fact name={sayIncident('holder')}>{holderOf(incident) || sayIncident('nobody')}</Fact>
        {acknowledged && (
          <Fact name={sayIncident('acknowledged')}>
            {`${acknowledged.by}, ${sayIncident('until')} ${formatInstant(acknowledged.until, now.value)}`}
            {acknowledged.note !== '' && <span class="muted"> · {acknowledged.note}</span>}
          </Fact>
        )}
        {merged_into !== null && (
          <Fact name={sayIncident('mergedInto')}>
            <a href={incidentUrl(merged_into)}>#{merged_into}</a>
          </Fact>
        )}
      </dl>
    </header>
  )
}

const hourMs = 3_600_000
const snoozes = [
  ['hours4', 4 * hourMs],
  ['day1', 24 * hourMs],
  ['week1', 168 * hourMs],
] as const

function Actions({ incident }: { readonly incident: ApiIncidentDetail }) {
  const action = useAction()
  const { id, may, assigned, cause } = incident
  const path = `/api/incidents/${id}`
  const isOpen = isActive(incident)
  return (
    <section class="card actions-card" aria-label={sayIncident('actions')} data-testid="incident-actions">
      {may.includes('acknowledge') && isOpen && <TakeButton id={id} />}
      {may.includes('acknowledge') && isOpen && <Acknowledge id={id} action={action} />}
      {may.includes('acknowledge') && (
        <Assign assigned={assigned} assign={(to) => void action.run(`${path}/assign`, { to })} />
      )}
      {may.includes('work') && (
        <TextForm
          label={sayIncident('note')}
          button={sayIncident('addNote')}
          testId="note"
          send={(text) => action.run(`${path}/note`, { text })}
        />
      )}
      {may.includes('work') && (
        <div class="buttons">
          {isOpen && (
            <button type="button" data-testid="resolve" onClick={() => void action.run(`${path}/resolve`)}>
              {sayIncident('resolve')}
            </button>
          )}
          <details class="snooze">
            <summary>{sayIncident('snooze')}</summary>
            <p class="muted">{sayIncident('snoozeHint')}</p>
            <div class="buttons">
              {snoozes.map(([word, ms]) => (
                <button
                  key={word}
                  type="button"
                  data-testid={`snooze-${word}`}
                  onClick={() => void action.run(`${path}/snooze`, { until: now.peek() + ms })}
                >
                  {sayIncident(word)}
                </button>
              ))}
              <button type="button" onClick={() => void action.run(`${path}/snooze`, { until: null })}>
                {sayIncident('endSnooze')}
              </button>
            </div>
          </details>
          <MaintainLink cause={cause as ThingId} />
        </div>
      )}
      <OutcomeText action={action} />
    </section>
  )
}

function MaintainLink({ cause }: { readonly cause: ThingId }) {
  const { kind, key } = parseThing(cause)
  if (kind !== 'device' && kind !== 'site' && kind !== 'node') return null
  const place = kind === 'node' ? (key.split('/')[0] ?? '') : key
  return (
    <a href={`/maintenance?place=${encodeURIComponent(place)}`}>
      <Wrench /> {sayIncident('maintain')}
    </a>
  )
}

interface TextFormProps {
  readonly label: string
  readonly button: string
  readonly testId: string
  readonly send: (text: string) => Promise<boolean>
}

/** A line of text that is emptied once it is accepted. */
function TextForm({ label, button, testId, send }: TextFormProps) {
  const [text, setText] = useState('')
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (text.trim() !== '' && (await send(text.trim()))) setText('')
  }
  return (
    <form class="text-form" onSubmit={submit}>
      <label>
        {label}
        <input
          value={text}
          maxLength={1_000}
          required
          data-testid={`${testId}-text`}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <button type="submit" data-testid={testId}>
        {button}
      </button>
    </form>
  )
}

interface AssignProps {
  readonly assigned: string | null
  readonly assign: (to: string | null) => void
}

/** Assigns to one of those who may handle incidents, or to nobody. */
function Assign({ assigned, assign }: AssignProps) {
  const loaded = useApi<ApiAssignees>('/api/assignees')
  const users = loaded.state === 'ready' ? loaded.data.users : []
  const [chosen, choose] = useState('')
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (chosen !== '') assign(chosen)
  }
  return (
    <form class="text-form" onSubmit={submit}>
      <label>
        {sayIncident('assignTo')}
        <select value={chosen} required data-testid="assign-to" onChange={(event) => choose(event.currentTarget.value)}>
          <option value="">{sayIncident('choose')}</option>
          {users.map(({ user, name }) => (
            <option key={user} value={user}>
              {name === null || name === user ? user : `${name} (${user})`}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" data-testid="assign">
        {sayIncident('assign')}
      </button>
      {assigned !== null && (
        <button type="button" data-testid="release" onClick={() => assign(null)}>
          {sayIncident('release')}
        </button>
      )}
    </form>
  )
}

function Chain({ chain }: { readonly chain: readonly ApiThing[] }) {
  return (
    <ol class="chain">
      {chain.map((thing) => (
        <ThingItem key={thing.thing} thing={thing} />
      ))}
    </ol>
  )
}

function ThingItem({ thing: { thing, kind, name, state } }: { readonly thing: ApiThing }) {
  return (
    <li class={`thing ${state}`}>
      <span class="muted">{sayKind(kind)}</span> <a href={thingUrl(thing as ThingId)}>{sayTitle(name)}</a>{' '}
      <span class="thing-state">{sayThingState(state)}</span>
    </li>
  )
}

function Affected({ things, count }: { readonly things: readonly ApiThing[]; readonly count: number }) {
  return (
    <ul class="affected">
      {things.map(({ thing, kind, name }) => (
        <li key={thing}>
          <span class="muted">{sayKind(kind)}</span> <a href={thingUrl(thing as ThingId)}>{sayTitle(name)}</a>
        </li>
      ))}
      {count > things.length && (
        <li class="muted">{`+ ${formatNumber(count - things.length)} ${sayIncident('moreAffected')}`}</li>
      )}
    </ul>
  )
}

/** A row for each measurement, with a line where the problem began. */
function Values({ incident: { values, began } }: { readonly incident: ApiIncidentDetail }) {
  const metrics = new Map(values.map((one) => [one.metric, one]))
  const times = [...new Set(values.map(({ ts }) => ts))]
  const columns = [...metrics.values()].map(({ title }) => sayTitle(title))
  const isFirstAfter = (ts: number, at: number) => ts > began && (at === 0 || (times[at - 1] ?? 0) <= began)
  return (
    <Section id="incident-values" title={sayIncident('values')}>
      {values.length === 0 ? (
        <p class="muted">{sayIncident('noValues')}</p>
      ) : (
        <Table label={sayIncident('values')} columns={[sayIncident('when'), ...columns]} numeric={columns}>
          {times.map((ts, at) => (
            <tr key={ts} class={isFirstAfter(ts, at) ? 'after-beginning' : ''}>
              <th scope="row">{formatInstant(ts, now.value)}</th>
              {[...metrics.keys()].map((metric) => {
                const one = values.find((value) => value.ts === ts && value.metric === metric)
                const { figure, unit } = one ? formatValue(one.value, one.unit) : { figure: '–', unit: '' }
                return (
                  <td key={metric} class="number">
                    {`${figure} ${unit}`.trimEnd()}
                  </td>
                )
              })}
            </tr>
          ))}
        </Table>
      )}
    </Section>
  )
}

const LiveMap = lazyPanel<LiveDistrictMapProps>(async () => (await import('../map/live-map.tsx')).LiveDistrictMap)

function PlaceMap({ place }: { readonly place: ApiIncidentDetail['place'] }) {
  const { site = '', name = null, area = null, lat = null, lon = null } = place ?? {}
  const positions = useMemo(
    () => new Map(lat === null || lon === null ? [] : [[site, { lat, lon, name, area: area ?? undefined }]]),
    [site, name, area, lat, lon],
  )
  const focus = positions.get(site)
  if (!focus) return null
  return (
    <div class="site-map card" data-testid="incident-map">
      <LiveMap positions={positions} focus={focus} />
    </div>
  )
}

/** Who was notified, on which channel, with which result and when; the newest first. */
function Deliveries({ incident: { deliveries, live } }: { readonly incident: ApiIncidentDetail }) {
  const columns = ['changedAt', 'recipient', 'channel', 'result', 'what', 'step'] as const
  return (
    <Section id="incident-deliveries" title={sayIncident('notifications')}>
      {deliveries.length === 0 ? (
        <p class="muted">{sayIncident(live ? 'noNotifications' : 'notificationsGone')}</p>
      ) : (
        <Table
          label={sayIncident('notifications')}
          columns={columns.map((column) => sayIncident(column))}
          numeric={[sayIncident('step')]}
        >
          {deliveries.toReversed().map((delivery) => (
            <tr key={`${delivery.at} ${delivery.person} ${delivery.channel} ${delivery.kind}`} data-testid="delivery">
              <td>{formatInstant(delivery.changed, now.value)}</td>
              <th scope="row">{delivery.name ?? sayIncident('programs')}</th>
              <td>{sayChannel(delivery.channel)}</td>
              <td>
                <DeliveryResult delivery={delivery} />
              </td>
              <td>{sayMessage(delivery.kind)}</td>
              <td class="number">{delivery.step > 0 && formatNumber(delivery.step)}</td>
            </tr>
          ))}
        </Table>
      )}
    </Section>
  )
}

function DeliveryResult({ delivery: { state, tries, reason } }: { readonly delivery: ApiDelivery }) {
  const text = sayDelivery(state)
  return (
    <>
      {state === 'failed' ? <Badge level={2} text={text} /> : text}
      {tries > 1 && <span class="muted">{` · ${formatNumber(tries)} ${sayIncident('tries')}`}</span>}
      {reason !== undefined && <small class="muted"> {sayReason(reason)}</small>}
    </>
  )
}

function Timeline({ incident }: { readonly incident: ApiIncidentDetail }) {
  const { timeline, live } = incident
  if (!live) return <p class="muted">{sayIncident('timelineGone')}</p>
  return (
    <ol class="timeline">
      {timeline.toReversed().map((entry, at) => (
        <li key={`${entry.at} ${entry.what} ${timeline.length - at}`} class={entry.what}>
          <time dateTime={new Date(entry.at).toISOString()}>{formatDateTime(entry.at)}</time>
          <span>
            {sayEvent(entry.what)}
            {entry.by !== undefined && <strong> · {entry.by}</strong>}
            {entry.text !== undefined && entry.text !== '' && <span class="text"> · {textOf(entry, incident)}</span>}
          </span>
        </li>
      ))}
    </ol>
  )
}

/** The text of an entry: kinds of messages and severities as words, things by their names. */
function textOf(
  { what, text = '' }: ApiIncidentDetail['timeline'][number],
  { chain, affected }: ApiIncidentDetail,
): string {
  if (what === 'notified') return sayMessage(text)
  if (what === 'severity') return saySeverity(text as Severity)
  const thing = [...chain, ...affected].find((one) => one.thing === text)
  return thing ? sayTitle(thing.name) : text
}
