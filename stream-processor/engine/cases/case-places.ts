import type { AttributeColumn } from './attribute-columns.ts'
import type { CasePlace } from './case-point.ts'
import { createNames, type Dictionary } from './names.ts'
import { area, conditions, device, intAt, type Rows } from './rows.ts'
import { createSeries, nameOf, type Progress, type Series } from './series.ts'
import type { CasePlan, Stream } from './streams.ts'

/** Most areas. */
const maxAreas = 65_536
const noArea = ''
/** All areas beyond those; all devices of a site once there are too many of all sites. */
const others = '+'

export interface Site {
  readonly name: string
  readonly number: number
  /** Numbers of its devices. */
  readonly devices: Map<string, number>
}

export interface PlaceLimits {
  /** Most keys of a stream. */
  readonly maxKeys: number
  /** Most devices that are told apart. */
  readonly maxDevices: number
}

/** Numbers for the names in the rows of one type's cases, and the keys that these lead to. */
export interface CasePlaces {
  siteOf(name: string): Site
  /** @param like what the number most likely is, and so of `areaNumber` */
  deviceNumber(site: Site, name: string, like?: number): number
  /** The number of a device that has had a case. */
  knownDevice(site: string, name: string): number | undefined
  areaNumber(name: string | undefined, like: number): number
  siteAt(row: number): Site
  deviceAt(row: number): string
  /** `undefined`: in no area. */
  areaAt(row: number): string | undefined
  /** The key that the case in a row belongs to, which may be new; `undefined` if it is in none, or there are too many. */
  seriesOf(stream: Stream, row: number): Series | undefined
  /** The key of a place that was saved, made where no case has led to it yet. */
  seriesAt(stream: Stream, place: CasePlace): Series | undefined
  /** Keys that were not made because there were too many: each time cases of another home would have used one. */
  readonly refused: () => number
  /** What device and area numbers in the rows stand for. */
  readonly dictionaries: Readonly<Record<'devices' | 'areas', Dictionary>>
}

export function createCasePlaces(
  plan: CasePlan,
  rows: Rows,
  columns: readonly AttributeColumn[],
  progress: Progress,
  { maxKeys, maxDevices }: PlaceLimits,
): CasePlaces {
  const sites = new Map<string, Site>()
  const devices: { readonly name: string; readonly site: Site }[] = []
  const areas = createNames(noArea, others, maxAreas)
  let savedDevices = 0
  let refused = 0

  function siteOf(name: string): Site {
    let site = sites.get(name)
    if (!site) {
      site = { name, number: sites.size, devices: new Map() }
      sites.set(name, site)
    }
    return site
  }

  function deviceNumber(site: Site, name: string, like = 0): number {
    const likely = devices[like]
    if (likely?.name === name && likely.site === site) return like
    const known = site.devices.get(name)
    if (known !== undefined) return known
    if (devices.length >= maxDevices && name !== others) return deviceNumber(site, others)
    return addDevice(site, name)
  }

  function addDevice(site: Site, name: string): number {
    site.devices.set(name, devices.length)
    return devices.push({ name, site }) - 1
  }

  /** Devices as `site/device`: sites get their numbers in the order of their first devices. */
  const deviceNames: Dictionary = {
    takeNew() {
      const first = savedDevices
      savedDevices = devices.length
      return { first, names: devices.slice(first).map(({ name, site }) => `${site.name}/${name}`) }
    },
    putBack(names) {
      for (const [site = '', name = ''] of names.map((both) => both.split('/'))) addDevice(siteOf(site), name)
    },
  }

  const deviceOf = (row: number) => devices[intAt(rows, row, device)] as (typeof devices)[number]

  /** `undefined` where there are too many. */
  function addSeries(stream: Stream, place: number, group: number, described: CasePlace): Series | undefined {
    if (stream.series.length >= maxKeys) {
      refused++
      return undefined
    }
    const made = createSeries(progress, stream, described, progress.now - progress.latenessMs - plan.longestMs)
    stream.byPlace[place] ??= []
    ;(stream.byPlace[place] as Series[])[group] = made
    return made
  }

  return {
    siteOf,
    deviceNumber,
    knownDevice: (site, name) => sites.get(site)?.devices.get(name),
    areaNumber: (name, like) => areas.numberOf(name ?? noArea, like),
    siteAt: (row) => deviceOf(row).site,
    deviceAt: (row) => deviceOf(row).name,
    areaAt: (row) => areas.nameOf(intAt(rows, row, area)) || undefined,
    seriesOf(stream, row) {
      if (stream.condition !== 0 && (intAt(rows, row, conditions) & stream.condition) === 0) return undefined
      const place = placeNumber(stream, row)
      if (place < 0) return undefined
      const group = columns[stream.group]?.groupAt(row) ?? 0
      return stream.byPlace[place]?.[group] ?? addSeries(stream, place, group, placeOf(stream, row, group))
    },
    seriesAt(stream, place) {
      const { scope, key, site = '', device: name = '', group } = place
      const known = stream.byName.get(nameOf(place))
      if (known) return known
      const numbers = {
        device: () => deviceNumber(siteOf(site), name),
        site: () => siteOf(site).number,
        area: () => areas.numberOf(key),
        district: () => 0,
      }
      const value = columns[stream.group]?.groupNumber(group ?? '') ?? 0
      const number = numbers[scope]()
      return stream.byPlace[number]?.[value] ?? addSeries(stream, number, value, place)
    },
    refused: () => refused,
    dictionaries: { devices: deviceNames, areas },
  }

  /** -1: in no area. */
  function placeNumber({ scope }: Stream, row: number): number {
    switch (scope) {
      case 'device':
        return intAt(rows, row, device)
      case 'site':
        return deviceOf(row).site.number
      case 'area':
        return intAt(rows, row, area) || -1
      case 'district':
        return 0
    }
  }

  function placeOf(stream: Stream, row: number, group: number): CasePlace {
    const column = columns[stream.group]
    const grouped = column ? { group: column.groupName(group) } : {}
    const { name, site } = deviceOf(row)
    switch (stream.scope) {
      case 'device':
        return { scope: 'device', key: `${site.name}/${name}`, site: site.name, device: name, ...grouped }
      case 'site':
        return { scope: 'site', key: site.name, site: site.name, ...grouped }
      case 'area': {
        const inArea = areas.nameOf(intAt(rows, row, area))
        return { scope: 'area', key: inArea, area: inArea, ...grouped }
      }
      case 'district':
        return { scope: 'district', key: 'district', ...grouped }
    }
  }
}
