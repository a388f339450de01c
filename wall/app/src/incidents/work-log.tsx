import type { ApiWorkLog } from '@ioc/contract/messages/api-incidents.ts'
import { useState } from 'preact/hooks'
import { formatInstant, formatNumber } from '../format.ts'
import { useApi } from '../pages/api.ts'
import { Section, Table } from '../pages/parts.tsx'
import { incidentUrl } from '../shell/location.ts'
import { now } from '../state.ts'
import { ActionForm, type FieldText, TimeField } from './action-form.tsx'
import { fromLocalInput, toLocalInput } from './local-time.ts'
import { sayIncident } from './words.ts'

interface WorkLogProps {
  readonly site: string
  readonly device: string
}

/** What was repaired of a device, and a form for more. */
export function WorkLog({ site, device }: WorkLogProps) {
  const path = `/api/devices/${encodeURIComponent(site)}/${encodeURIComponent(device)}/work`
  const [added, setAdded] = useState(0)
  const loaded = useApi<ApiWorkLog>(path, added)
  if (loaded.state !== 'ready') return null
  const { entries, may } = loaded.data
  const columns = ['when', 'done', 'part', 'cost', 'who', 'incident'] as const
  return (
    <Section id="work-log" title={sayIncident('workLog')}>
      {entries.length === 0 ? (
        <p class="muted">{sayIncident('noWork')}</p>
      ) : (
        <Table
          label={sayIncident('workLog')}
          columns={columns.map((column) => sayIncident(column))}
          numeric={[sayIncident('cost')]}
        >
          {entries.map(({ id, at, what, part = '', cost_vnd, by, incident }) => (
            <tr key={id} data-testid="work-entry">
              <td>{formatInstant(at, now.value)}</td>
              <th scope="row">{what}</th>
              <td>{part}</td>
              <td class="number">{cost_vnd !== undefined && formatNumber(cost_vnd)}</td>
              <td>{by}</td>
              <td>{incident !== undefined && <a href={incidentUrl(incident)}>#{incident}</a>}</td>
            </tr>
          ))}
        </Table>
      )}
      {may.includes('work') && <WorkForm path={path} onAdded={() => setAdded((count) => count + 1)} />}
    </Section>
  )
}

function WorkForm({ path, onAdded }: { readonly path: string; readonly onAdded: () => void }) {
  const [begin] = useState(now.peek())
  const bodyOf = (text: FieldText) => ({
    at: fromLocalInput(text('at')),
    what: text('what'),
    ...(text('part') === '' ? {} : { part: text('part') }),
    ...(text('cost') === '' ? {} : { cost_vnd: Number(text('cost')) }),
    ...(text('incident') === '' ? {} : { incident: Number(text('incident')) }),
  })
  return (
    <details class="work-form">
      <summary>{sayIncident('addWork')}</summary>
      <ActionForm path={path} testId="save-work" bodyOf={bodyOf} onAccepted={onAdded}>
        <label class="wide">
          {sayIncident('done')}
          <input name="what" required maxLength={1_000} />
        </label>
        <label>
          {sayIncident('part')}
          <input name="part" maxLength={200} />
        </label>
        <label>
          {sayIncident('cost')}
          <input name="cost" type="number" min={0} step={1} />
        </label>
        <TimeField name="at" label={sayIncident('when')} value={toLocalInput(begin)} />
        <label>
          {`${sayIncident('incident')} #`}
          <input name="incident" type="number" min={1} step={1} />
        </label>
      </ActionForm>
    </details>
  )
}
