import type { ApiIncidents } from '@ioc/contract/messages/api-incidents.ts'
import { incidentStates, severities } from '@ioc/contract/messages/incidents.ts'
import { formatNumber } from '../format.ts'
import { useApi } from '../pages/api.ts'
import { Failed, Table } from '../pages/parts.tsx'
import { sayPage } from '../pages/words.ts'
import { incidentUrl, navigate, query, withQuery } from '../shell/location.ts'
import { areas, incidents } from '../state.ts'
import { sayArea, sayTitle } from '../words.ts'
import { Began, holderOf, placeName, SeverityMark, StateMark } from './parts.tsx'
import { sayIncident, saySeverity, sayState } from './words.ts'

/** Parameters of the address that are those of the API. */
const filters = ['state', 'severity', 'area', 'site', 'device', 'page'] as const

/** All incidents: what is active and worst first. */
export function IncidentList() {
  const asked = new URLSearchParams()
  for (const name of filters) {
    const value = query.value.get(name)
    if (value) asked.set(name, value)
  }
  const loaded = useApi<ApiIncidents>(`/api/incidents?${asked}`, incidents.value?.version)
  return (
    <article class="page incident-list" data-testid="incident-list">
      <Filters />
      {loaded.state === 'loading' && <p class="muted">{sayPage('loading')}</p>}
      {loaded.state === 'failed' && <Failed retry={loaded.retry} />}
      {loaded.state === 'ready' && <Found answer={loaded.data} />}
    </article>
  )
}

function Filters() {
  const choose = (name: string) => (event: { readonly currentTarget: HTMLSelectElement }) =>
    navigate(withQuery({ [name]: event.currentTarget.value || undefined, page: undefined }))
  const value = (name: string, fallback = '') => query.value.get(name) ?? fallback
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      <label>
        {sayIncident('state')}
        <select value={value('state', 'active')} data-testid="filter-state" onChange={choose('state')}>
          <option value="active">{sayIncident('active')}</option>
          {incidentStates.map((state) => (
            <option key={state} value={state}>
              {sayState(state)}
            </option>
          ))}
          <option value="all">{sayIncident('any')}</option>
        </select>
      </label>
      <label>
        {sayIncident('severity')}
        <select value={value('severity')} data-testid="filter-severity" onChange={choose('severity')}>
          <option value="">{sayIncident('any')}</option>
          {severities.toReversed().map((severity) => (
            <option key={severity} value={severity}>
              {saySeverity(severity)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {sayIncident('area')}
        <select value={value('area')} data-testid="filter-area" onChange={choose('area')}>
          <option value="">{sayIncident('any')}</option>
          {[...areas.value.values()].map((area) => (
            <option key={area.code} value={area.code}>
              {sayArea(area.code, area)}
            </option>
          ))}
        </select>
      </label>
    </form>
  )
}

function Found({ answer }: { readonly answer: ApiIncidents }) {
  const { incidents: rows, total, page, pages, complete } = answer
  const columns = ['severity', 'what', 'state', 'where', 'since', 'holder', 'affectedCount'] as const
  return (
    <>
      {!complete && (
        <p class="card" role="status">
          {sayIncident('incomplete')}
        </p>
      )}
      <section class="card" aria-label={sayIncident('incidents')}>
        {rows.length === 0 ? (
          <p class="muted" data-testid="no-incidents">
            {sayIncident('none')}
          </p>
        ) : (
          <Table
            label={sayIncident('incidents')}
            columns={columns.map((column) => sayIncident(column))}
            numeric={[sayIncident('affectedCount')]}
          >
            {rows.map((row) => (
              <tr key={row.id} data-testid={`incident-${row.id}`}>
                <td>
                  <SeverityMark incident={row} />
                </td>
                <th scope="row">
                  <a href={incidentUrl(row.id)}>{sayTitle(row.title)}</a> <small>#{row.id}</small>
                </th>
                <td>
                  <StateMark incident={row} />
                </td>
                <td>{placeName(row) || row.areas.map((code) => sayArea(code, areas.value.get(code))).join(', ')}</td>
                <td>
                  <Began at={row.began} />
                </td>
                <td>{holderOf(row) || (row.state === 'open' ? sayIncident('nobody') : '')}</td>
                <td class="number">{row.affected_count > 0 && formatNumber(row.affected_count)}</td>
              </tr>
            ))}
          </Table>
        )}
      </section>
      <nav class="pages" aria-label={sayIncident('page')}>
        {page > 1 && <a href={withQuery({ page: String(page - 1) })}>{sayIncident('previous')}</a>}
        <span class="muted">
          {`${formatNumber(total)} ${sayIncident('found')}`}
          {pages > 1 && ` · ${sayIncident('page')} ${page}/${pages}`}
        </span>
        {page < pages && <a href={withQuery({ page: String(page + 1) })}>{sayIncident('next')}</a>}
      </nav>
    </>
  )
}
