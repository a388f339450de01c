import type { ApiMaintenance } from '@ioc/contract/messages/api-incidents.ts'
import { type CauseId, type MaintenanceWindow, parseCause } from '@ioc/contract/messages/incidents.ts'
import { useState } from 'preact/hooks'
import { formatInstant } from '../format.ts'
import { useApi } from '../pages/api.ts'
import { Failed, Section, SiteSuggestions } from '../pages/parts.tsx'
import { sayPage } from '../pages/words.ts'
import { query } from '../shell/location.ts'
import { areas, maintenance, maintenanceVersion, now, sites } from '../state.ts'
import { sayArea, sayTitle } from '../words.ts'
import { ActionForm, type FieldText, TimeField } from './action-form.tsx'
import { ActionList, RowAction } from './action-list.tsx'
import { fromLocalInput, toLocalInput } from './local-time.ts'
import { thingUrl, useAction, Wrench } from './parts.tsx'
import { endOf, formatRemaining } from './windows.ts'
import { sayAspect, sayIncident, sayWeekday } from './words.ts'

/** What is maintained now and later, and a form for more. */
export function MaintenancePage() {
  const loaded = useApi<ApiMaintenance>('/api/maintenance', maintenanceVersion.value)
  const may = loaded.state === 'ready' && loaded.data.may.includes('work')
  return (
    <article class="page" data-testid="maintenance-page">
      {loaded.state === 'failed' && <Failed retry={loaded.retry} />}
      <Windows may={may} />
      {loaded.state === 'ready' && <Shelves shelves={loaded.data.shelves} may={may} />}
      {may && <NewWindow />}
    </article>
  )
}

function Windows({ may }: { readonly may: boolean }) {
  const own = useAction()
  const action = may ? own : undefined
  const windows = maintenance.value.toSorted((a, b) => Number(b.active) - Number(a.active) || a.from - b.from)
  const columns = ['covers', 'state', 'from', 'to', 'reason', 'by'] as const
  return (
    <ActionList
      id="maintenance-windows"
      title={sayIncident('openWindows')}
      none={sayIncident('noWindows')}
      columns={columns.map((column) => sayIncident(column))}
      action={action}
      rows={windows.map((window) => (
        <tr key={window.id} data-testid={`window-${window.id}`}>
          <th scope="row">{coversText(window)}</th>
          <td>
            {window.active ? (
              <span class="badge silent">
                <Wrench /> {sayIncident('remaining')} {formatRemaining(endOf(window) - now.value)}
              </span>
            ) : (
              sayIncident('notYet')
            )}
          </td>
          <td>{formatInstant(window.from, now.value)}</td>
          <td>
            {formatInstant(window.to, now.value)}
            {window.every && ` · ${window.every.days.map(sayWeekday).join(', ')} ${window.every.at}`}
          </td>
          <td>{window.reason}</td>
          <td>{window.by}</td>
          <RowAction
            action={action}
            testId="end-window"
            text={sayIncident('endNow')}
            path={`/api/maintenance/${window.id}/end`}
          />
        </tr>
      ))}
    />
  )
}

interface ShelvesProps {
  readonly shelves: ApiMaintenance['shelves']
  readonly may: boolean
}

/** Causes that open no incident until a time. */
function Shelves({ shelves, may }: ShelvesProps) {
  const own = useAction()
  const action = may ? own : undefined
  const columns = ['what', 'aspect', 'to', 'remaining', 'reason', 'by'] as const
  return (
    <ActionList
      id="shelves"
      title={sayIncident('shelved')}
      none={sayIncident('noShelves')}
      columns={columns.map((column) => sayIncident(column))}
      action={action}
      rows={shelves
        .toSorted((a, b) => a.until - b.until)
        .map(({ cause, aspect, name, by, reason, until }) => (
          <tr key={cause} data-testid="shelf">
            <th scope="row">
              <a href={thingUrl(parseCause(cause as CauseId).thing)}>{sayTitle(name)}</a>
            </th>
            <td>{sayAspect(aspect)}</td>
            <td>{formatInstant(until, now.value)}</td>
            <td>{formatRemaining(until - now.value)}</td>
            <td>{reason}</td>
            <td>{by}</td>
            <RowAction
              action={action}
              testId="unshelve"
              text={sayIncident('endSnooze')}
              path="/api/maintenance/unshelve"
              body={{ cause }}
            />
          </tr>
        ))}
    />
  )
}

function coversText({ covers }: MaintenanceWindow): string {
  const { devices = [], sites: siteKeys = [], areas: codes = [], tags = [] } = covers
  return [
    ...devices,
    ...siteKeys.map((site) => sites.value.get(site)?.name ?? site),
    ...codes.map((code) => sayArea(code, areas.value.get(code))),
    ...tags,
  ].join(', ')
}

const defaultMs = 2 * 3_600_000
const weekdays = [1, 2, 3, 4, 5, 6, 7] as const

function NewWindow() {
  const [isWeekly, setWeekly] = useState(false)
  const [begin] = useState(now.peek())
  const [kind, setKind] = useState<'place' | 'area'>('place')
  const bodyOf = (text: FieldText, data: FormData) => {
    const place = text('place')
    const places = place.includes('/') ? { devices: [place] } : { sites: [place] }
    const days = weekdays.filter((day) => data.has(`day-${day}`))
    return {
      reason: text('reason'),
      covers: kind === 'area' ? { areas: [text('area')] } : places,
      ...{ from: fromLocalInput(text('from')), to: fromLocalInput(text('to')) },
      ...(isWeekly ? { every: { days, at: text('at'), minutes: Number(text('minutes')) } } : {}),
    }
  }
  return (
    <Section id="new-window" title={sayIncident('newWindow')}>
      <ActionForm path="/api/maintenance" testId="save-window" bodyOf={bodyOf}>
        <label>
          {sayIncident('covers')}
          <select
            name="kind"
            value={kind}
            onChange={(event) => setKind(event.currentTarget.value === 'area' ? 'area' : 'place')}
          >
            <option value="place">{`${sayIncident('site')}, ${sayIncident('device').toLowerCase()}`}</option>
            <option value="area">{sayIncident('area')}</option>
          </select>
        </label>
        {kind === 'place' ? (
          <label>
            {sayIncident('place')}
            <input
              name="place"
              required
              maxLength={129}
              list="known-sites"
              defaultValue={query.value.get('place') ?? ''}
            />
            <SiteSuggestions id="known-sites" />
          </label>
        ) : (
          <label>
            {sayIncident('area')}
            <select name="area">
              {[...areas.value.values()].map((area) => (
                <option key={area.code} value={area.code}>
                  {sayArea(area.code, area)}
                </option>
              ))}
            </select>
          </label>
        )}
        <label>
          {sayIncident('reason')}
          <input name="reason" required maxLength={300} />
        </label>
        <TimeField name="from" label={sayIncident('from')} value={toLocalInput(begin)} />
        <TimeField name="to" label={sayIncident('to')} value={toLocalInput(begin + defaultMs)} />
        <label class="check">
          <input type="checkbox" checked={isWeekly} onChange={(event) => setWeekly(event.currentTarget.checked)} />
          {sayIncident('weekly')}
        </label>
        {isWeekly && (
          <fieldset class="week">
            <legend>{sayIncident('weekly')}</legend>
            {weekdays.map((day) => (
              <label key={day} class="check">
                <input type="checkbox" name={`day-${day}`} />
                {sayWeekday(day)}
              </label>
            ))}
            <label>
              {sayIncident('from')}
              <input name="at" type="time" required defaultValue="07:30" />
            </label>
            <label>
              {sayPage('minutes')}
              <input name="minutes" type="number" min={1} max={10_080} required defaultValue="60" />
            </label>
          </fieldset>
        )}
      </ActionForm>
    </Section>
  )
}
