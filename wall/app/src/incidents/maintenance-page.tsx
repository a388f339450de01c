import type { ApiMaintenance } from '@ioc/contract/messages/api-incidents.ts'
import type { MaintenanceWindow } from '@ioc/contract/messages/incidents.ts'
import { useState } from 'preact/hooks'
import { formatInstant } from '../format.ts'
import { useApi } from '../pages/api.ts'
import { Section, Table } from '../pages/parts.tsx'
import { sayPage } from '../pages/words.ts'
import { query } from '../shell/location.ts'
import { areas, maintenance, now, sites } from '../state.ts'
import { sayArea } from '../words.ts'
import { fromLocalInput, toLocalInput } from './local-time.ts'
import { OutcomeText, useAction, Wrench } from './parts.tsx'
import { endOf, formatRemaining } from './windows.ts'
import { sayIncident, sayWeekday } from './words.ts'

/** What is maintained now and later, and a form for more. */
export function MaintenancePage() {
  const loaded = useApi<ApiMaintenance>('/api/maintenance')
  const may = loaded.state === 'ready' && loaded.data.may.includes('work')
  return (
    <article class="page" data-testid="maintenance-page">
      {loaded.state === 'failed' && (
        <p class="card" role="alert">
          {sayPage('failed')}
        </p>
      )}
      <Windows may={may} />
      {may && <NewWindow />}
    </article>
  )
}

function Windows({ may }: { readonly may: boolean }) {
  const action = useAction()
  const windows = maintenance.value.toSorted((a, b) => Number(b.active) - Number(a.active) || a.from - b.from)
  const columns = ['covers', 'state', 'from', 'to', 'reason', 'by'] as const
  return (
    <Section id="maintenance-windows" title={sayIncident('openWindows')}>
      {windows.length === 0 ? (
        <p class="muted">{sayIncident('noWindows')}</p>
      ) : (
        <Table
          label={sayIncident('openWindows')}
          columns={[...columns.map((column) => sayIncident(column)), ...(may ? [sayIncident('actions')] : [])]}
        >
          {windows.map((window) => (
            <tr key={window.id} data-testid={`window-${window.id}`}>
              <th scope="row">{coversText(window)}</th>
              <td>
                {window.active ? (
                  <span class="badge silent">
                    <Wrench /> {sayIncident('remaining')} {formatRemaining(endOf(window, now.value) - now.value)}
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
              {may && (
                <td>
                  <button
                    type="button"
                    data-testid="end-window"
                    onClick={() => void action.run(`/api/maintenance/${window.id}/end`)}
                  >
                    {sayIncident('endNow')}
                  </button>
                </td>
              )}
            </tr>
          ))}
        </Table>
      )}
      <OutcomeText action={action} />
    </Section>
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
  const action = useAction()
  const [isWeekly, setWeekly] = useState(false)
  const [begin] = useState(now.peek())
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const data = new FormData(form)
    const text = (name: string) => String(data.get(name) ?? '').trim()
    const [kind, place] = [text('kind'), text('place')]
    const covers =
      kind === 'area' ? { areas: [text('area')] } : place.includes('/') ? { devices: [place] } : { sites: [place] }
    const [from, to] = [fromLocalInput(text('from')), fromLocalInput(text('to'))]
    const days = weekdays.filter((day) => data.has(`day-${day}`))
    const every = isWeekly ? { every: { days, at: text('at'), minutes: Number(text('minutes')) } } : {}
    if (await action.run('/api/maintenance', { reason: text('reason'), covers, from, to, ...every })) form.reset()
  }
  const [kind, setKind] = useState<'place' | 'area'>('place')
  return (
    <Section id="new-window" title={sayIncident('newWindow')}>
      <form class="window-form" onSubmit={submit}>
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
            <datalist id="known-sites">
              {[...sites.value.values()].map(({ site, name }) => (
                <option key={site} value={site}>
                  {name}
                </option>
              ))}
            </datalist>
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
        <label>
          {sayIncident('from')}
          <input name="from" type="datetime-local" required defaultValue={toLocalInput(begin)} />
        </label>
        <label>
          {sayIncident('to')}
          <input name="to" type="datetime-local" required defaultValue={toLocalInput(begin + defaultMs)} />
        </label>
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
        <button type="submit" class="primary" data-testid="save-window">
          {sayIncident('save')}
        </button>
      </form>
      <OutcomeText action={action} />
    </Section>
  )
}
