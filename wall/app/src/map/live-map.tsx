import type { LiveDevice, LiveSite } from '@ioc/contract/messages/live.ts'
import { computed } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { AttentionItem, LivePlace } from '../../../shared/live-frame.ts'
import { SiteStills } from '../cameras/site-stills.tsx'
import { formatInstant } from '../format.ts'
import { subscribe } from '../live.ts'
import { attentionTitle } from '../shell/attention-text.ts'
import { areas, attention, devices, isSilentDevice, now, places, sites } from '../state.ts'
import { sayLevel, sayType } from '../words.ts'
import { DistrictMap } from './district-map.tsx'
import { lookOf } from './levels.ts'
import type { LonLat } from './mercator.ts'
import { loadMap, outlines } from './outlines.ts'
import type { MapArea, MapPlace } from './places.ts'
import { Shape } from './shape.tsx'
import { mapWord } from './words.ts'

/** How it is at the places, by topic: one that comes later is noticed as well. */
const live = computed<ReadonlyMap<string, LivePlace>>(
  () => new Map(places.all().map((place) => [`${place.scope}/${place.key}`, place])),
)

/** The areas in force, with their levels. */
export const mapAreas = computed<readonly MapArea[]>(() =>
  [...areas.value.values()].map(({ code, name, lat, lon }) => {
    return { code, name, lat, lon, level: live.value.get(`area/${code}`)?.level ?? 0 }
  }),
)

/** Kinds of sites that are drawn as cameras. */
const cameraKinds: ReadonlySet<string> = new Set(['camera_pole', 'high_camera'])

/** A site on the map: where the district has it, else where one of its devices is (`elsewhere`). */
export function placeOf(
  site: Pick<LiveSite, 'site' | 'name' | 'area' | 'lat' | 'lon'> & { readonly kind?: LiveSite['kind'] },
  state: LivePlace | undefined,
  elsewhere: LonLat | undefined,
): MapPlace | undefined {
  const position = site.lat === null || site.lon === null ? elsewhere : { lat: site.lat, lon: site.lon }
  if (!position) return undefined
  const { level = 0, devices: all = 0, silent = 0 } = state ?? {}
  return {
    key: site.site,
    site: site.site,
    name: site.name ?? site.site,
    kind: cameraKinds.has(site.kind ?? '') ? 'camera' : 'site',
    area: site.area,
    ...position,
    level,
    silent: all > 0 && silent === all,
    ...(silent > 0 && silent < all && { someSilent: { silent, all } }),
  }
}

/**
 * The map of the district as it is now. The sites are those that the district lists; `positions` are those of a board's
 * query, by site, for sites whose position only their devices say.
 */
export function LiveDistrictMap({ positions = noPositions, focus }: LiveDistrictMapProps) {
  useEffect(loadMap, [])
  const listed = [...sites.value.values()].flatMap((site) => {
    return placeOf(site, live.value.get(`site/${site.site}`), positions.get(site.site)) ?? []
  })
  const others = [...positions].flatMap(([site, { name, area, ...position }]) => {
    if (sites.value.has(site)) return []
    const known = { site, name, area: area ?? '', lat: null, lon: null }
    return placeOf(known, live.value.get(`site/${site}`), position) ?? []
  })
  return (
    <DistrictMap
      areas={mapAreas.value}
      outlines={outlines.value}
      places={[...listed, ...others]}
      {...(focus && { focus })}
      details={(place) => <SiteDetails site={place.site} />}
    />
  )
}

export interface LiveDistrictMapProps {
  /** Where the map begins; the whole district by default. */
  readonly focus?: LonLat
  readonly positions?: ReadonlyMap<string, LonLat & { readonly name: string | null; readonly area: string | undefined }>
}

const noPositions: NonNullable<LiveDistrictMapProps['positions']> = new Map()

/** What is wrong at a site now, and its devices with their states. */
export function SiteDetails({ site }: { readonly site: string }) {
  useEffect(() => subscribe([`device/${site}`, `liveness/${site}`]), [site])
  const items = (attention.value?.items ?? []).filter(({ key }) => key === site || key.startsWith(`${site}/`))
  const own = devices.all().filter((device) => device.site === site)
  return (
    <>
      {items.length > 0 && (
        <>
          <h4>{mapWord('attention')}</h4>
          <ul>
            {items.map((item) => (
              <AttentionRow key={`${item.kind} ${item.id} ${item.key} ${item.group}`} item={item} />
            ))}
          </ul>
        </>
      )}
      <SiteStills site={site} />
      <h4>{mapWord('devices')}</h4>
      {own.length === 0 && <p class="map-state">{mapWord('noDevices')}</p>}
      <ul>
        {own.map((device) => (
          <DeviceRow key={`${device.device} ${device.type}`} device={device} />
        ))}
      </ul>
    </>
  )
}

function AttentionRow({ item }: { readonly item: AttentionItem }) {
  return (
    <li class="map-row">
      <Shape look={item.kind === 'silent' ? 'silent' : lookOf({ level: item.level, silent: false })} kind="site" />
      <span>{attentionTitle(item)}</span>
      <span class="map-state">
        {item.kind === 'indicator' && `${sayLevel(item.level)} · `}
        {formatInstant(item.since, now.value)}
      </span>
    </li>
  )
}

function DeviceRow({ device }: { readonly device: LiveDevice }) {
  const isSilent = isSilentDevice(device)
  return (
    <li>
      <a class="map-row" href={`/devices/${encodeURIComponent(device.site)}/${encodeURIComponent(device.device)}`}>
        <Shape look={isSilent ? 'silent' : 'normal'} kind="site" />
        <span>{device.name ?? sayType(device.type)}</span>
        <span class="map-state">
          {isSilent && `${mapWord('silent')} · `}
          {device.last_ts === null ? mapWord('neverMeasured') : formatInstant(device.last_ts, now.value)}
        </span>
      </a>
    </li>
  )
}
