import { findCaseType } from '@ioc/contract/case-types/table.ts'
import type { LiveDevice } from '@ioc/contract/messages/live.ts'
import { livePrefix, parseIndicatorTopic } from '@ioc/contract/topics.ts'
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { deviceKey } from '../../../shared/fleet.ts'
import { cadence_s, isStale } from '../../../shared/stale.ts'
import { formatInstant, formatNumber } from '../format.ts'
import { boards } from '../shell/boards.ts'
import { deviceUrl, siteUrl } from '../shell/location.ts'
import { deviceName } from '../shell/page-title.ts'
import { areas, devices, fleet, indicators, now, sites } from '../state.ts'
import { sayArea, sayType } from '../words.ts'
import { useApi } from './api.ts'
import {
  DeviceState,
  deviceIndicatorsOf,
  IndicatorList,
  Measured,
  NodeTable,
  Section,
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
  const loaded = useApi(`/api/devices/${encodeURIComponent(site)}/${encodeURIComponent(device)}`)
  const entries = devices.all().filter((one) => one.site === site && one.device === device)
  const shown = fleet.value.find((one) => one.site === site && one.device === device)
  const types = new Set(entries.map(({ type }) => type))
  useSubscription([
    `device/${site}`,
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
  if (!shown) return <p class="muted">{sayPage(loaded.state === 'failed' ? 'failed' : 'loading')}</p>
  const topics = indicators.keys.value.filter((topic) => {
    const parsed = parseIndicatorTopic(livePrefix + topic)
    return parsed?.scope === 'device' && parsed.key === `${site}/${device}`
  })
  return (
    <article class="page device-page" data-testid="device-page">
      <DeviceHead device={shown} />
      <Section id="device-indicators" title={sayPage('indicators')}>
        <IndicatorList topics={topics} />
        <Charts device={shown} />
      </Section>
      <Section id="device-node" title={sayPage('nodes')}>
        <NodeTable site={site} only={shown.node} />
      </Section>
      <Neighbours device={shown} />
    </article>
  )
}

function DeviceHead({ device }: { readonly device: LiveDevice }) {
  const { site, type, name, lat, lon, last_ts, online, area } = device
  const listed = sites.value.get(site)
  const stale = isStale(device, now.value)
  return (
    <header class="page-head">
      <h2>
        {name ?? device.device} <DeviceState online={online} stale={stale} />
      </h2>
      <dl>
        <Fact name={sayPage('lastMeasured')}>
          <Measured ts={last_ts} />
          {last_ts !== null && <span class="muted"> ({formatInstant(last_ts, now.value)})</span>}
        </Fact>
        <Fact name={sayPage('device')}>{device.device}</Fact>
        <Fact name={sayPage('deviceType')}>{sayType(type)}</Fact>
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

interface FactProps {
  readonly name: string
  readonly children: ComponentChildren
}

function Fact({ name, children }: FactProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** The board of the device's type, where it exists, with this device chosen. */
function Charts({ device: { site, device, type } }: { readonly device: LiveDevice }) {
  const uid = `ioc-type-${type}`
  if (!boards.value.some((board) => board.uid === uid)) return null
  const query = new URLSearchParams({ 'var-site': site, 'var-device': device })
  return (
    <p>
      <a href={`/d/${uid}?${query}`}>{sayPage('charts')}</a>
    </p>
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
            <a href={deviceUrl(one.site, one.device)}>{one.name ?? one.device}</a>{' '}
            <DeviceState online={one.online} stale={isStale(one, now.value)} />
          </li>
        ))}
      </ul>
    </Section>
  )
}
