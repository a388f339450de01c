import type { Level } from '@ioc/contract/messages/live.ts'
import type { Field, Frame } from '../../fields/frame.ts'
import type { LonLat } from '../../map/mercator.ts'
import type { MapPlace } from '../../map/places.ts'

/** Names under which queries have what the map needs; the first that a frame has. */
const latitudes = ['lat', 'latitude'] as const
const longitudes = ['lon', 'lng', 'longitude'] as const
const levelName = 'level'
/** Device types, and kinds of sites, that are drawn as cameras. */
const cameraTypes: ReadonlySet<string> = new Set(['camera', 'high_camera', 'camera_pole'])

/** One row of a frame, by the names of its columns. */
interface Row {
  readonly field: (name: string) => Field | undefined
  readonly text: (name: string) => string | undefined
  readonly number: (names: readonly string[]) => number | undefined
  readonly at: number
}

/** The places of frames that have coordinates: each row is one, the worse of two of the same place counts. */
export function placesOfFrames(frames: readonly Frame[]): MapPlace[] {
  const places = new Map<string, MapPlace>()
  for (const row of frames.flatMap(rowsOf)) {
    const place = placeOfRow(row)
    const known = place && places.get(place.key)
    if (place && (!known || place.level > known.level)) places.set(place.key, place)
  }
  return [...places.values()]
}

/** Where sites are, by site, of frames that have coordinates: where a site itself has none, its first device. */
export function positionsOfFrames(
  frames: readonly Frame[],
): Map<string, LonLat & { readonly name: string | null; readonly area: string | undefined }> {
  const positions = new Map<string, LonLat & { readonly name: string | null; readonly area: string | undefined }>()
  const places = placesOfFrames(frames)
  const sitesFirst = places.toSorted((a, b) => Number(a.key !== a.site) - Number(b.key !== b.site))
  for (const { key, site, lat, lon, name, area } of sitesFirst) {
    if (!positions.has(site)) positions.set(site, { lat, lon, area, name: key === site ? name : null })
  }
  return positions
}

function placeOfRow({ field, text, number, at }: Row): MapPlace | undefined {
  const [lat, lon] = [number(latitudes), number(longitudes)]
  if (lat === undefined || lon === undefined) return undefined
  const site = text('site') ?? text('name') ?? `${lat} ${lon}`
  const device = text('device')
  const own = number([levelName])
  const shown = field('value') ?? undefined
  const display = shown?.display(shown.values[at] ?? null)
  const note =
    display && display.text !== '' ? [display.text, display.unit].filter((part) => part !== '').join(' ') : undefined
  return {
    key: device === undefined ? site : `${site}/${device}`,
    site,
    name: text('name') ?? device ?? site,
    kind: cameraTypes.has(text('type') ?? text('kind') ?? '') ? 'camera' : 'site',
    area: text('area'),
    lat,
    lon,
    level: own === undefined ? (display?.level ?? 0) : levelOf(own),
    silent: false,
    ...(note === undefined ? {} : { note }),
  }
}

const levelOf = (value: number): Level => Math.min(3, Math.max(0, Math.round(value))) as Level

function rowsOf({ fields }: Frame): Row[] {
  const labels = Object.assign({}, ...fields.map((one) => one.labels)) as Readonly<Record<string, string>>
  /** By the name of the query, and after a join with the number of the query behind it. */
  const field = (name: string) =>
    fields.find((one) => one.name === name) ?? fields.find((one) => one.name.replace(/ \d+$/, '') === name)
  const rows = Math.max(0, ...fields.map(({ values }) => values.length))
  return Array.from({ length: rows }, (_, at): Row => {
    const cell = (name: string) => field(name)?.values[at] ?? labels[name] ?? null
    return {
      field,
      at,
      text(name) {
        const value = cell(name)
        return value === null || value === '' ? undefined : String(value)
      },
      number(names) {
        const value = names.map(cell).find((one) => one !== null)
        return typeof value === 'number' ? value : undefined
      },
    }
  })
}
