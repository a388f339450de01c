import type { LiveDevice } from '@ioc/contract/messages/live.ts'
import { livePrefix, parseIndicatorTopic } from '@ioc/contract/topics.ts'
import { useMemo } from 'preact/hooks'
import { deviceKey } from '../../../shared/fleet.ts'
import { PlaceIncidents } from '../incidents/place-incidents.tsx'
import type { LiveDistrictMapProps } from '../map/live-map.tsx'
import { lazyPanel } from '../panels/lazy.tsx'
import { deviceUrl, homeUid } from '../shell/location.ts'
import { areas, descriptors, fleet, hasFault, indicators, isSilentDevice, places, sites } from '../state.ts'
import { sayArea, sayType } from '../words.ts'
import { useApi } from './api.ts'
import {
  DeviceState,
  deviceIndicatorsOf,
  IndicatorList,
  LevelBadge,
  Measured,
  NodeTable,
  Section,
  Table,
  useSubscription,
} from './parts.tsx'
import { UnknownPage } from './unknown-page.tsx'
import { sayPage } from './words.ts'

/** A site: where it is, how it is there, its devices, figures and nodes. */
export function SitePage({ site }: { readonly site: string }) {
  const loaded = useApi(`/api/sites/${encodeURIComponent(site)}`)
  const devices = fleet.value.filter((device) => device.site === site)
  const types = new Set(devices.map(({ type }) => type))
  useSubscription([
    `device/${site}`,
    `liveness/${site}`,
    `node/${site}`,
    `ledger/${site}`,
    ...deviceIndicatorsOf(types).map((id) => `indicator/${id}/device/${site}`),
    ...[...descriptors.value.values()].flatMap(({ id, scopes }) =>
      scopes.includes('site') ? [`indicator/${id}/site/${site}`] : [],
    ),
  ])
  if (loaded.state === 'missing' && devices.length === 0 && !sites.value.has(site)) {
    return <UnknownPage what="site" name={site} />
  }
  const topics = topicsBelow(site)
  return (
    <article class="page site-page" data-testid="site-page">
      <SiteHead site={site} devices={devices} />
      <PlaceIncidents site={site} />
      <SiteMap site={site} devices={devices} />
      <Section id="site-devices" title={sayPage('devices')}>
        <DeviceTable devices={devices} topics={topics} />
      </Section>
      <Section id="site-indicators" title={sayPage('indicators')}>
        {topics.site.length > 0 && <IndicatorList topics={topics.site} />}
        {devices.map((device) => {
          const own = topics.byDevice.get(deviceKey(device))
          if (!own) return null
          return (
            <div key={`${device.device} ${device.type}`} class="of-device">
              <h3>
                <a href={deviceUrl(site, device.device)}>{device.name ?? device.device}</a>
              </h3>
              <IndicatorList topics={own} />
            </div>
          )
        })}
        {topics.site.length === 0 && topics.byDevice.size === 0 && <p class="muted">{sayPage('noIndicators')}</p>}
      </Section>
      <Section id="site-nodes" title={sayPage('nodes')}>
        <NodeTable site={site} />
      </Section>
    </article>
  )
}

interface SiteTopics {
  readonly site: readonly string[]
  readonly byDevice: ReadonlyMap<string, readonly string[]>
}

function topicsBelow(site: string): SiteTopics {
  const own: string[] = []
  const byDevice = new Map<string, string[]>()
  for (const topic of indicators.keys.value) {
    const parsed = parseIndicatorTopic(livePrefix + topic)
    if (parsed?.scope === 'site' && parsed.key === site) own.push(topic)
    if (parsed?.scope === 'device' && parsed.key.startsWith(`${site}/`)) {
      byDevice.set(parsed.key, [...(byDevice.get(parsed.key) ?? []), topic])
    }
  }
  // Where one device measures something, the site's value is the device's.
  const measuredBy = new Map<string, number>()
  for (const topic of [...byDevice.values()].flat()) {
    const id = topic.split('/')[1] ?? ''
    measuredBy.set(id, (measuredBy.get(id) ?? 0) + 1)
  }
  return { site: own.filter((topic) => measuredBy.get(topic.split('/')[1] ?? '') !== 1), byDevice }
}

const LiveMap = lazyPanel<LiveDistrictMapProps>(async () => (await import('../map/live-map.tsx')).LiveDistrictMap)

/** Where the site is, among its neighbours and as they are now. */
function SiteMap({ site, devices }: SiteProps) {
  const { name, area, lat, lon } = positionOf(site, devices)
  const positions = useMemo(
    () => new Map(lat == null || lon == null ? [] : [[site, { lat, lon, name, area }]]),
    [site, lat, lon, name, area],
  )
  const focus = positions.get(site)
  if (!focus) return null
  return (
    <div class="site-map card" data-testid="site-map">
      <LiveMap positions={positions} focus={focus} />
    </div>
  )
}

/** Where the district has a site, else where its first device is. */
function positionOf(site: string, [first]: readonly LiveDevice[]) {
  const listed = sites.value.get(site)
  const area = listed?.area ?? first?.area ?? undefined
  const [lat, lon] = [listed?.lat ?? first?.lat, listed?.lon ?? first?.lon]
  return { name: listed?.name ?? null, area, lat, lon }
}

interface SiteProps {
  readonly site: string
  readonly devices: readonly LiveDevice[]
}

function SiteHead({ site, devices }: SiteProps) {
  const { name, area, lat, lon } = positionOf(site, devices)
  const level = places.get(`place/site/${site}`)?.level ?? 0
  return (
    <header class="page-head">
      <h2>
        {name ?? site} <LevelBadge level={level} />
      </h2>
      <dl>
        <div>
          <dt>{sayPage('site')}</dt>
          <dd>{site}</dd>
        </div>
        {area && (
          <div>
            <dt>{sayPage('area')}</dt>
            <dd>
              <a href={`/d/${homeUid}?var-area=${encodeURIComponent(area)}`}>{sayArea(area, areas.value.get(area))}</a>
            </dd>
          </div>
        )}
        {lat != null && lon != null && (
          <div>
            <dt>{sayPage('coordinates')}</dt>
            <dd>
              {lat.toFixed(4)}, {lon.toFixed(4)}
            </dd>
          </div>
        )}
      </dl>
    </header>
  )
}

interface DeviceTableProps {
  readonly devices: readonly LiveDevice[]
  readonly topics: SiteTopics
}

/** What is wrong comes first, and stands in the second column. */
function DeviceTable({ devices, topics }: DeviceTableProps) {
  if (devices.length === 0) return <p class="muted">{sayPage('noDevices')}</p>
  const rows = devices
    .map((device) => {
      const own = topics.byDevice.get(deviceKey(device)) ?? []
      const level = own.reduce((worst, topic) => Math.max(worst, indicators.get(topic)?.level ?? 0), 0)
      return { device, level, stale: isSilentDevice(device) }
    })
    .sort(
      (a, b) =>
        b.level - a.level ||
        Number(b.stale) - Number(a.stale) ||
        Number(hasFault(b.device)) - Number(hasFault(a.device)) ||
        Number(a.device.online) - Number(b.device.online) ||
        a.device.device.localeCompare(b.device.device),
    )
  const columns = [sayPage('device'), sayPage('state'), sayPage('age'), sayPage('deviceType')]
  return (
    <Table label={sayPage('devices')} columns={columns}>
      {rows.map(({ device, level, stale }) => (
        <tr
          key={`${device.device}/${device.type}`}
          data-testid={`device-${device.site}/${device.device}`}
          data-stale={stale}
        >
          <th scope="row">
            <a href={deviceUrl(device.site, device.device)}>{device.name ?? device.device}</a>
          </th>
          <td>{level > 0 ? <LevelBadge level={level} /> : <DeviceState device={device} />}</td>
          <td>
            <Measured ts={device.last_ts} />
          </td>
          <td>{sayType(device.type)}</td>
        </tr>
      ))}
    </Table>
  )
}
