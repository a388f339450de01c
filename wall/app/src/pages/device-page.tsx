import { findCaseType } from '@ioc/contract/case-types/table.ts'
import type { Metric } from '@ioc/contract/device-types/device-type.ts'
import { findDeviceType } from '@ioc/contract/device-types/table.ts'
import type { ApiDeviceDetail } from '@ioc/contract/messages/api-places.ts'
import { type FaultEvidence, type LiveDevice, windowStepSeconds } from '@ioc/contract/messages/live.ts'
import { livePrefix, parseIndicatorTopic } from '@ioc/contract/topics.ts'
import { useEffect, useMemo } from 'preact/hooks'
import { deviceKey } from '../../../shared/fleet.ts'
import { cadence_s } from '../../../shared/stale.ts'
import { BoardCharts } from '../boards/board-page.tsx'
import { formatInstant, formatNumber, formatOffset, formatValue } from '../format.ts'
import { MaintenanceMark, PlaceIncidents } from '../incidents/place-incidents.tsx'
import { formatRemaining } from '../incidents/windows.ts'
import { WorkLog } from '../incidents/work-log.tsx'
import { boards } from '../shell/boards.ts'
import { cameraUrl, deviceUrl, siteUrl } from '../shell/location.ts'
import { deviceName } from '../shell/page-title.ts'
import { areas, descriptorOf, descriptors, devices, fleet, indicators, lives, now, sites } from '../state.ts'
import { sayArea, sayTitle, sayType } from '../words.ts'
import { useApi } from './api.ts'
import {
  Badge,
  DeviceState,
  deviceIndicatorsOf,
  Fact,
  Failed,
  IndicatorList,
  limitValues,
  Measured,
  NodeTable,
  Section,
  Table,
  useSubscription,
} from './parts.tsx'
import { UnknownPage } from './unknown-page.tsx'
import { sayPage } from './words.ts'

interface DevicePageProps {
  readonly site: string
  readonly device: string
}

/** A device: how it is and since when, its values, the ledger of its node, and its neighbours. */
export function DevicePage({ site, device }: DevicePageProps) {
  const loaded = useApi<ApiDeviceDetail>(`/api/devices/${encodeURIComponent(site)}/${encodeURIComponent(device)}`)
  const entries = devices.all().filter((one) => one.site === site && one.device === device)
  const shown = fleet.value.find((one) => one.site === site && one.device === device)
  const types = new Set(entries.map(({ type }) => type))
  useSubscription([
    `device/${site}`,
    `liveness/${site}`,
    `node/${site}`,
    `ledger/${site}`,
    ...deviceIndicatorsOf(types).map((id) => `indicator/${id}/device/${site}/${device}`),
  ])
  useEffect(() => {
    deviceName.value = shown?.name ?? undefined
    return () => {
      deviceName.value = undefined
    }
  }, [shown?.name])
  if (loaded.state === 'missing' && !shown) return <UnknownPage what="device" name={`${site}/${device}`} />
  if (!shown && loaded.state === 'failed') return <Failed retry={loaded.retry} />
  if (!shown) return <p class="muted">{sayPage('loading')}</p>
  const topics = indicators.keys.value.filter((topic) => {
    const parsed = parseIndicatorTopic(livePrefix + topic)
    return parsed?.scope === 'device' && parsed.key === `${site}/${device}`
  })
  return (
    <article class="page device-page" data-testid="device-page">
      <DeviceHead device={shown} />
      <Faults device={shown} />
      <PlaceIncidents site={site} device={device} />
      {loaded.state === 'ready' && <Availability days={loaded.data.availability} />}
      {loaded.state === 'failed' && <Failed retry={loaded.retry} />}
      {loaded.state === 'ready' && <Values metrics={loaded.data.metrics} place={`${site}/${device}`} />}
      <Section id="device-indicators" title={sayPage('indicators')}>
        <IndicatorList topics={topics} />
      </Section>
      <Charts device={shown} />
      <Section id="device-node" title={sayPage('nodes')}>
        <NodeTable site={site} only={shown.node} />
      </Section>
      {loaded.state === 'ready' && <Messages messages={loaded.data.messages} />}
      <WorkLog site={site} device={device} />
      <Neighbours device={shown} />
    </article>
  )
}

function DeviceHead({ device }: { readonly device: LiveDevice }) {
  const { site, type, name, lat, lon, last_ts, area } = device
  const listed = sites.value.get(site)
  return (
    <header class="page-head">
      <h2>
        {name ?? device.device} <DeviceState device={device} /> <MaintenanceMark place={device} />
      </h2>
      <dl>
        <Fact name={sayPage('lastMeasured')}>
          <Measured ts={last_ts} />
          {last_ts !== null && <span class="muted"> ({formatInstant(last_ts, now.value)})</span>}
        </Fact>
        <Fact name={sayPage('device')}>{device.device}</Fact>
        <Fact name={sayPage('deviceType')}>
          {type === 'camera' || type === 'high_camera' ? (
            <a href={cameraUrl(site, device.device)}>{sayType(type)}</a>
          ) : (
            sayType(type)
          )}
        </Fact>
        <Fact name={sayPage('site')}>
          <a href={siteUrl(site)}>{listed?.name ?? site}</a>
        </Fact>
        {area !== null && <Fact name={sayPage('area')}>{sayArea(area, areas.value.get(area))}</Fact>}
        {lat !== null && lon !== null && (
          <Fact name={sayPage('coordinates')}>
            {lat.toFixed(4)}, {lon.toFixed(4)}
          </Fact>
        )}
        {!findCaseType(type) && (
          <Fact name={sayPage('cadence')}>
            {formatNumber(cadence_s(device))} {sayPage('every')}
          </Fact>
        )}
      </dl>
    </header>
  )
}

/** What is wrong with the values and the clock, since when, and by what it was recognised. */
function Faults({ device: { site, device, type } }: { readonly device: LiveDevice }) {
  const { faults = [], clock = null } = lives.get(`liveness/${site}/${device}`) ?? {}
  if (faults.length === 0 && clock === null) return null
  const columns = ['fault', 'metric', 'since', 'evidence'] as const
  return (
    <Section id="device-faults" title={sayPage('faults')}>
      <Table label={sayPage('faults')} columns={columns.map((column) => sayPage(column))}>
        {faults.map(({ metric, kind, since, evidence }) => (
          <tr key={`${metric} ${kind}`} data-testid={`fault-${metric}`}>
            <th scope="row">
              <Badge level={1} text={sayPage(kind)} />
            </th>
            <td>{metricTitle(type, metric)}</td>
            <td>{formatInstant(since, now.value)}</td>
            <td class="evidence">{evidenceText(evidence, findDeviceType(type)?.metrics[metric]?.unit)}</td>
          </tr>
        ))}
        {clock && (
          <tr data-testid="fault-clock">
            <th scope="row">
              <Badge level={1} text={sayPage('clock')} />
            </th>
            <td>{sayPage(clock.of === 'node' ? 'clockOfNode' : 'clockOfDevice')}</td>
            <td>{formatInstant(clock.since, now.value)}</td>
            <td>{`${sayPage('offset')} ${formatOffset(clock.offset_ms)}`}</td>
          </tr>
        )}
      </Table>
    </Section>
  )
}

function metricTitle(type: string, metric: string): string {
  const declared = findDeviceType(type)?.metrics[metric]
  return declared ? sayTitle(declared.title) : metric
}

/** Its value, how often and how long it was measured, and what it was recognised by. */
function evidenceText({ by, value, points, lasted_s }: FaultEvidence, unit = ''): string {
  const times = `${formatNumber(points)} ${sayPage('measurements')}`
  return `${valueText(value, unit)}, ${times}, ${formatRemaining(lasted_s * 1000)}: ${sayPage(evidenceWords[by])}`
}

const evidenceWords = {
  flat: 'evidenceFlat',
  frozen: 'evidenceFrozen',
  resent: 'evidenceResent',
  rail: 'evidenceRail',
} as const satisfies Record<FaultEvidence['by'], string>

/** The level of a day on which a share of the measurements is missing, as of the indicators of completeness. */
function dayLevel(share: number): number {
  if (share < 0.5) return 3
  if (share < 0.8) return 2
  return share < 0.95 ? 1 : 0
}

/** One bar for each of the last 30 days: its height and level are the share of the measurements that came. */
function Availability({ days }: { readonly days: ApiDeviceDetail['availability'] }) {
  if (days.length === 0) return null
  const known = days.filter(({ share }) => share !== null)
  const measured = known.reduce((sum, day) => sum + Math.min(day.measured, day.expected), 0)
  const expected = known.reduce((sum, day) => sum + day.expected, 0)
  const { figure, unit } = formatValue(expected === 0 ? 0 : (100 * measured) / expected, '%')
  const summary = expected === 0 ? sayPage('availabilityNone') : `${figure} ${unit}`
  return (
    <Section id="device-availability" title={`${sayPage('availability')}: ${summary}`}>
      <ol class="days">
        {days.map(({ day, measured, expected, share }) => {
          const [year, month, date] = day.split('-')
          const text =
            share === null
              ? sayPage('availabilityNone')
              : `${formatNumber(measured)} / ${formatNumber(expected)} ${sayPage('ofExpected')}`
          return (
            <li key={day} title={`${date}/${month}/${year}: ${text}`}>
              <span class="hidden">{`${date}/${month}/${year}: ${text}`}</span>
              <span
                class={share === null ? 'none' : `level-${dayLevel(share)}`}
                style={{ height: `${share === null ? 100 : Math.max(4, share * 100)}%` }}
              />
            </li>
          )
        })}
      </ol>
      <p class="days-legend muted">
        <span>{sayPage('daysAgo')}</span>
        <span>{sayPage('today')}</span>
      </p>
    </Section>
  )
}

interface ValuesProps {
  readonly metrics: ApiDeviceDetail['metrics']
  /** Key of the device. */
  readonly place: string
}

function Values({ metrics, place }: ValuesProps) {
  const limits = metrics.map(({ type, metric }) => limitsOf(type, metric, place))
  const hasLimits = limits.some((text) => text !== '')
  return (
    <Section id="device-values" title={sayPage('values')}>
      {metrics.length === 0 ? (
        <p class="muted">{sayPage('noValues')}</p>
      ) : (
        <Table
          label={sayPage('values')}
          columns={[
            ...[sayPage('metric'), sayPage('value')],
            sayPage('measuredAt'),
            ...(hasLimits ? [sayPage('limits')] : []),
          ]}
          numeric={[sayPage('value'), sayPage('measuredAt')]}
        >
          {metrics.map(({ type, metric, title, unit, ts, value }, index) => (
            <tr key={`${type} ${metric}`} data-testid={`metric-${metric}`}>
              <th scope="row">{title ? sayTitle(title) : metric}</th>
              <td class="number">{valueText(value, unit ?? '', findDeviceType(type)?.metrics[metric])}</td>
              <td class="number">{formatInstant(ts, now.value)}</td>
              {hasLimits && <td class="limits">{limits[index]}</td>}
            </tr>
          ))}
        </Table>
      )}
    </Section>
  )
}

/**
 * The limits of the indicator that is closest to a measurement: of the device, computed from this metric alone, over the
 * shortest window. It is named, for the limits are of its mean or sum.
 */
function limitsOf(type: string, metric: string, key: string): string {
  const [nearest] = [...descriptors.value.values()]
    .filter(
      ({ source, formula, scopes }) =>
        source === type && scopes.includes('device') && metricOfFormula.exec(formula)?.[1] === metric,
    )
    .map((descriptor) => descriptorOf({ id: descriptor.id, scope: 'device', key }) ?? descriptor)
    .filter(({ levels }) => levels !== undefined)
    .sort((a, b) => windowStepSeconds(a.window) - windowStepSeconds(b.window))
  return nearest ? `${limitValues(nearest)} (${sayTitle(nearest.title)})` : ''
}

/** An aggregate that has the unit of its metric, and nothing else. */
const metricOfFormula = /^(?:mean|max|min|last)\((\w+)\)$/

type Value = ApiDeviceDetail['metrics'][number]['value']

function valueText(value: Value, unit: string, metric?: Metric): string {
  if (value === null) return '–'
  if (typeof value === 'boolean') return sayPage(value ? 'yes' : 'no')
  if (typeof value === 'string') return metric?.words?.[value] ? sayTitle(metric.words[value]) : value
  const { figure, unit: text } = formatValue(value, unit)
  return `${figure} ${text}`.trimEnd()
}

/** As they were stored, for whoever compares them with what the device displays. */
function Messages({ messages }: { readonly messages: ApiDeviceDetail['messages'] }) {
  if (messages.length === 0) return null
  return (
    <Section id="device-messages" title={sayPage('messages')}>
      <ol class="records">
        {messages.map(({ ts, type, values }) => (
          <li key={`${type} ${ts}`}>
            <time dateTime={new Date(ts).toISOString()}>{formatInstant(ts, now.value)}</time>
            <code>{JSON.stringify(values)}</code>
          </li>
        ))}
      </ol>
    </Section>
  )
}

/** The charts of the board of the device's type, where it exists, of this device. */
function Charts({ device: { site, device, type } }: { readonly device: LiveDevice }) {
  const uid = `ioc-type-${type}`
  const query = useMemo(() => new URLSearchParams({ 'var-site': site, 'var-device': device }), [site, device])
  if (!boards.value.some((board) => board.uid === uid)) return null
  return (
    <section class="device-charts" aria-labelledby="device-charts-title" data-testid="device-charts">
      <h2 id="device-charts-title">
        <a href={`/d/${uid}?${query}`}>{sayPage('charts')}</a>
      </h2>
      <BoardCharts key={uid} uid={uid} query={query} />
    </section>
  )
}

function Neighbours({ device }: { readonly device: LiveDevice }) {
  const others = fleet.value.filter((one) => one.site === device.site && deviceKey(one) !== deviceKey(device))
  if (others.length === 0) return null
  return (
    <Section id="device-neighbours" title={sayPage('neighbours')}>
      <ul class="neighbours">
        {others.map((one) => (
          <li key={`${one.device} ${one.type}`}>
            <a href={deviceUrl(one.site, one.device)}>{one.name ?? one.device}</a> <DeviceState device={one} />
          </li>
        ))}
      </ul>
    </Section>
  )
}
