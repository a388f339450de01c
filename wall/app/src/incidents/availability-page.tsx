import type { ApiAvailability } from '@ioc/contract/messages/api-incidents.ts'
import { formatDateTime, formatNumber, formatValue } from '../format.ts'
import { useApi } from '../pages/api.ts'
import { Failed, Table } from '../pages/parts.tsx'
import { sayPage } from '../pages/words.ts'
import { deviceUrl, navigate, query, siteUrl, withQuery } from '../shell/location.ts'
import { now, sites } from '../state.ts'
import { say, sayType } from '../words.ts'
import { toLocalInput } from './local-time.ts'
import { formatRemaining } from './windows.ts'
import { sayIncident } from './words.ts'

/** How much of what they should measure the devices of a site measured in a month; printed by the browser. */
export function AvailabilityPage() {
  const month = query.value.get('month') ?? toLocalInput(now.peek()).slice(0, 'yyyy-mm'.length)
  const site = query.value.get('site') ?? ''
  const asked = new URLSearchParams({ month, ...(site === '' ? {} : { site }) })
  const loaded = useApi<ApiAvailability>(`/api/reports/availability?${asked}`)
  return (
    <article class="page report" data-testid="availability-report">
      <form class="filters no-print" onSubmit={(event) => event.preventDefault()}>
        <label>
          {sayIncident('month')}
          <input
            type="month"
            value={month}
            data-testid="report-month"
            onChange={(event) => navigate(withQuery({ month: event.currentTarget.value || undefined }))}
          />
        </label>
        <label>
          {sayIncident('site')}
          <select
            value={site}
            data-testid="report-site"
            onChange={(event) => navigate(withQuery({ site: event.currentTarget.value || undefined }))}
          >
            <option value="">{sayIncident('wholeDistrict')}</option>
            {[...sites.value.values()].map((one) => (
              <option key={one.site} value={one.site}>
                {one.name ?? one.site}
              </option>
            ))}
          </select>
        </label>
        <button type="button" onClick={() => print()}>
          {sayIncident('print')}
        </button>
      </form>
      {loaded.state === 'loading' && <p class="muted">{sayPage('loading')}</p>}
      {loaded.state === 'missing' && <p class="card">{sayIncident('noDevices')}</p>}
      {loaded.state === 'failed' && <Failed retry={loaded.retry} />}
      {loaded.state === 'ready' && <Report report={loaded.data} />}
    </article>
  )
}

function shareText(share: number | null): string {
  if (share === null) return '–'
  const { figure, unit } = formatValue(100 * share, '%', '', 1)
  return `${figure} ${unit}`
}

function Report({ report: { month, from, to, sites: rows } }: { readonly report: ApiAvailability }) {
  const [year = '', number = ''] = month.split('-')
  return (
    <>
      <header class="page-head report-head">
        <p class="print-only">{say('title')}</p>
        <h2>{`${sayIncident('availability')} · ${sayIncident('month').toLowerCase()} ${number}/${year}`}</h2>
        <p class="muted">{`${sayIncident('period')}: ${formatDateTime(from)} – ${formatDateTime(to)}`}</p>
      </header>
      {rows.length === 0 && <p class="card muted">{sayIncident('noDevices')}</p>}
      {rows.map((site) => (
        <SiteReport key={site.site} site={site} />
      ))}
      <footer class="report-foot">
        <p class="muted">{sayIncident('how')}</p>
        <div class="signatures print-only">
          <p>{sayIncident('signature')}</p>
          <p>{sayIncident('approval')}</p>
        </div>
      </footer>
    </>
  )
}

function SiteReport({
  site: { site, name, area_name, share, devices },
}: {
  readonly site: ApiAvailability['sites'][number]
}) {
  const columns = ['device', 'share', 'missing', 'badDays', 'count', 'repairs', 'cost'] as const
  const title = `${name ?? site}${area_name === null ? '' : `, ${area_name}`}`
  return (
    <section class="card" aria-label={title} data-testid={`report-${site}`}>
      <h3>
        <a href={siteUrl(site)}>{title}</a> · {shareText(share)}
      </h3>
      <Table
        label={title}
        columns={columns.map((column) => sayIncident(column))}
        numeric={columns.slice(1).map((column) => sayIncident(column))}
      >
        {devices.map((one) => (
          <tr key={one.device}>
            <th scope="row">
              <a href={deviceUrl(site, one.device)}>{one.name ?? one.device}</a> <small>{sayType(one.type)}</small>
            </th>
            <td class="number">{shareText(one.share)}</td>
            <td class="number">{one.missing_s >= 60 && formatRemaining(one.missing_s * 1_000)}</td>
            <td class="number">{formatNumber(one.bad_days)}</td>
            <td class="number">{formatNumber(one.incidents)}</td>
            <td class="number">{formatNumber(one.work)}</td>
            <td class="number">{one.cost_vnd > 0 && formatNumber(one.cost_vnd)}</td>
          </tr>
        ))}
      </Table>
    </section>
  )
}
