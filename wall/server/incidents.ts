import type { Title } from '@ioc/contract/device-types/device-type.ts'
import { findDeviceType } from '@ioc/contract/device-types/table.ts'
import type { ApiIncidentDetail, ApiIncidentRow, ApiThing } from '@ioc/contract/messages/api-incidents.ts'
import {
  type Aspect,
  centreThing,
  isActive,
  type LiveIncident,
  parseThing,
  type Severity,
  severities,
  siteOfThing,
  type ThingId,
  thingId,
} from '@ioc/contract/messages/incidents.ts'
import type { LiveDevice, LiveUpstream } from '@ioc/contract/messages/live.ts'
import { parseIndicatorThing } from '@ioc/contract/topics.ts'
import type { Cell, QuerySeries } from '../shared/boards/panel-data.ts'
import { deviceKey } from '../shared/fleet.ts'
import type { LiveIncidents } from '../shared/live-frame.ts'
import type { LiveState } from './live-state.ts'
import { literal } from './store-query.ts'

/** Incidents that are read from the store for one list. */
export const maxStored = 2_000

/** Numbers of critical incidents that are listed. */
const maxCritical = 100

/** How many of incidents are active. */
export function countIncidents(incidents: readonly LiveIncident[], version: number): LiveIncidents {
  const open = incidents.filter(({ state }) => state === 'open')
  const critical = open.filter(({ severity }) => severity === 'critical').map(({ id }) => id)
  return {
    open: open.length,
    acknowledged: incidents.filter(({ state }) => state === 'acknowledged').length,
    critical: critical.sort((a, b) => a - b).slice(-maxCritical),
    version,
  }
}

/** Active before others, the worst first, then the newest. */
export function byUrgency(one: ApiIncidentRow, other: ApiIncidentRow): number {
  const rank = ({ state }: ApiIncidentRow) => (state === 'open' ? 0 : state === 'acknowledged' ? 1 : 2)
  const grade = ({ severity }: ApiIncidentRow) => severities.indexOf(severity)
  const [a, b] = [rank(one), rank(other)]
  return a - b || (a === 2 ? 0 : grade(other) - grade(one)) || other.opened - one.opened || other.id - one.id
}

/** What an incident is about and where, from the live state. */
export class IncidentPlaces {
  readonly #state: LiveState
  readonly #devices = new Map<string, LiveDevice>()

  constructor(state: LiveState) {
    this.#state = state
    // Names and places do not depend on the newest values.
    for (const device of state.known.devices.values()) {
      const key = deviceKey(device)
      if (!this.#devices.has(key)) this.#devices.set(key, device)
    }
  }

  rowOf(incident: LiveIncident): ApiIncidentRow {
    const { id, state, severity, title, cause, aspect, problem, began, opened, ended } = incident
    const { acknowledged, assigned, affected, affected_count, flapping } = incident
    return {
      ...{ id, state, severity, title, cause, aspect, problem, began, opened, ended },
      ...{ acknowledged, assigned, affected_count, flapping },
      site: siteOfThing(cause) ?? null,
      areas: this.areasOf([cause, ...affected]),
    }
  }

  areasOf(things: readonly ThingId[]): string[] {
    return [...new Set(things.flatMap((thing) => this.#areaOf(thing) ?? []))]
  }

  #areaOf(thing: ThingId): string | undefined {
    const { kind, key } = parseThing(thing)
    if (kind === 'device') {
      const area = this.#devices.get(key)?.area
      if (area != null) return area
    }
    if (kind === 'indicator') {
      const [, scope, place] = key.split('/')
      if (scope === 'area') return place
    }
    const site = siteOfThing(thing)
    return this.#state.district.sites.find((one) => one.site === site)?.area
  }

  placeOf(cause: ThingId): ApiIncidentDetail['place'] {
    const site = siteOfThing(cause)
    if (site === undefined) return null
    const { sites, areas } = this.#state.district
    const listed = sites.find((one) => one.site === site)
    const device = this.#deviceAt(cause, site)
    const area = listed?.area ?? device?.area ?? null
    return {
      ...{ site, name: listed?.name ?? null, area },
      area_name: areas.find(({ code }) => code === area)?.name ?? null,
      lat: listed?.lat ?? device?.lat ?? null,
      lon: listed?.lon ?? device?.lon ?? null,
    }
  }

  #deviceAt(cause: ThingId, site: string): LiveDevice | undefined {
    return this.deviceOf(cause) ?? [...this.#devices.values()].find((device) => device.site === site)
  }

  /** The device that a thing is, or that an indicator is of. */
  deviceOf(thing: ThingId): LiveDevice | undefined {
    const { kind, key } = parseThing(thing)
    if (kind === 'device') return this.#devices.get(key)
    const [, scope, site, device] = key.split('/')
    return kind === 'indicator' && scope === 'device' ? this.#devices.get(`${site}/${device}`) : undefined
  }

  /** From the centre down to the cause. */
  chainOf(incident: LiveIncident): ApiThing[] {
    const { cause } = incident
    const { kind, key } = parseThing(cause)
    const chain: ThingId[] = []
    const site = siteOfThing(cause)
    const device = this.deviceOf(cause)
    if (kind === 'upstream') chain.push(centreThing, ...this.#above(key))
    else if (site !== undefined) {
      const area = this.#areaOf(thingId('site', site))
      const own = this.#state.district.upstreams.filter(
        ({ sites, areas }) => sites.includes(site) || (area !== undefined && areas.includes(area)),
      )
      const upstreams = own.flatMap(({ id }) => [...this.#above(id), thingId('upstream', id)])
      chain.push(centreThing, ...upstreams, thingId('site', site))
      if (kind === 'ledger') chain.push(thingId('node', key))
      if (device) chain.push(thingId('node', `${site}/${device.node}`))
      if (device && kind === 'indicator') chain.push(thingId('device', `${site}/${device.device}`))
    }
    return [...new Set([...chain, cause])].map((thing) => this.describe(thing, incident))
  }

  /** Upstreams above one, the top first. */
  #above(id: string, seen: ReadonlySet<string> = new Set([id])): ThingId[] {
    const upstream: LiveUpstream | undefined = this.#state.district.upstreams.find((one) => one.id === id)
    return (upstream?.on ?? []).flatMap((parent) =>
      seen.has(parent) ? [] : [...this.#above(parent, new Set([...seen, parent])), thingId('upstream', parent)],
    )
  }

  describe(thing: ThingId, incident: LiveIncident): ApiThing {
    const { kind } = parseThing(thing)
    return { thing, kind, name: this.nameOf(thing), state: this.#stateOf(thing, incident) }
  }

  #stateOf(thing: ThingId, { cause, affected }: LiveIncident): ApiThing['state'] {
    if (thing === cause) return 'cause'
    if (affected.includes(thing)) return 'affected'
    const others = [...this.#state.incidents.values()].filter(isActive)
    return others.some((other) => other.cause === thing || other.affected.includes(thing)) ? 'abnormal' : 'normal'
  }

  nameOf(thing: ThingId): Title {
    const { kind, key } = parseThing(thing)
    const same = (text: string): Title => ({ vi: text, en: text })
    switch (kind) {
      case 'device':
        return same(this.#devices.get(key)?.name ?? key)
      case 'site':
        return same(this.#state.district.sites.find(({ site }) => site === key)?.name ?? key)
      case 'upstream':
        return same(this.#state.district.upstreams.find(({ id }) => id === key)?.name ?? key)
      case 'indicator': {
        const [id = ''] = key.split('/')
        return this.#state.descriptors.find((one) => one.id === id)?.title ?? same(id)
      }
      case 'centre':
        return { vi: 'Trung tâm', en: 'Centre' }
      case 'node':
      case 'ledger':
      case 'collector':
      case 'process':
      case 'channel':
      case 'rota':
      case 'disk':
      case 'certificate':
        return same(key)
      case 'credential':
        return same(key.slice(key.indexOf('/') + 1))
      default:
        return same((kind satisfies never) ?? key)
    }
  }
}

/** The query of incidents that were opened from a time to another. */
export function storedQuery(from: number, to: number, id?: number): string {
  const one = id === undefined ? '' : ` AND "id" = ${literal(String(id))}`
  const columns = [
    ...['id', 'aspect', 'site', 'cause', 'state', 'severity', 'title', 'title_en'],
    ...['began', 'ended', 'affected', 'messages'],
  ]
  return (
    `SELECT ${columns.map((name) => `"${name}"`).join(', ')} FROM "incident" ` +
    `WHERE time >= ${Math.floor(from)}ms AND time <= ${Math.floor(to)}ms${one} ORDER BY time DESC LIMIT ${maxStored}`
  )
}

/** An incident as the store has it. */
export interface StoredIncident extends ApiIncidentRow {
  readonly messages: number
}

/**
 * The incidents of an answer, each once: one that was re-rooted to another site has a point of each, of which the one
 * that ended is the last.
 */
export function storedIncidents(series: readonly QuerySeries[], places: IncidentPlaces): StoredIncident[] {
  const found = new Map<number, StoredIncident>()
  for (const { columns, values } of series) {
    for (const row of values) {
      const cell = (name: string): Cell => row[columns.indexOf(name)] ?? null
      const text = (name: string): string => String(cell(name) ?? '')
      const id = Number(cell('id'))
      const cause = text('cause') as ThingId
      const ended = cell('ended') === null ? null : Number(cell('ended'))
      if (!Number.isInteger(id) || (found.has(id) && ended === null)) continue
      found.set(id, {
        ...{ id, cause, ended, severity: text('severity') as Severity, aspect: text('aspect') as Aspect },
        // The watch has it no longer: whatever it was at last, it is over.
        state: 'closed',
        title: { vi: text('title'), en: text('title_en') },
        ...{ problem: null, began: Number(cell('began')), opened: Number(cell('time')) },
        ...{ acknowledged: null, assigned: null, flapping: false },
        affected_count: Number(cell('affected') ?? 0),
        site: siteOfThing(cause) ?? null,
        areas: places.areasOf([cause]),
        messages: Number(cell('messages') ?? 0),
      })
    }
  }
  return [...found.values()]
}

/** Measurements before and after the beginning, each. */
const valuesAround = 5

/** The queries of what a device, or an indicator, was around the beginning of an incident: before it, and after it. */
export function valueQueries(cause: ThingId, device: LiveDevice | undefined, began: number): string | undefined {
  const { kind } = parseThing(cause)
  const around = (select: string, where: string): string =>
    [
      `${select} WHERE ${where} AND time <= ${Math.floor(began)}ms ORDER BY time DESC LIMIT ${valuesAround}`,
      `${select} WHERE ${where} AND time > ${Math.floor(began)}ms ORDER BY time ASC LIMIT ${valuesAround}`,
    ].join('; ')
  if (kind === 'device' && device) {
    const names = Object.keys(findDeviceType(device.type)?.metrics ?? {})
    if (names.length === 0) return undefined
    const place = `"site" = ${literal(device.site)} AND "device" = ${literal(device.device)}`
    return around(`SELECT ${names.map((name) => `"${name}"`).join(', ')} FROM "${device.type}"`, place)
  }
  const indicator = parseIndicatorThing(cause)
  if (!indicator) return undefined
  const { id, scope, key, group } = indicator
  const [site = '', name = ''] = key.split('/')
  const tags = {
    ...{ id, scope },
    ...(scope === 'device' ? { site, device: name } : scope === 'district' ? {} : { [scope]: key }),
    ...(group === undefined ? {} : { group }),
  }
  const place = Object.entries(tags).map(([tag, value]) => `"${tag}" = ${literal(value)}`)
  return around('SELECT "value" FROM "indicator"', [...place, '"samples" > 0'].join(' AND '))
}

/** The values of the answers to `valueQueries`, oldest first. */
export function valuesOf(
  series: readonly QuerySeries[],
  cause: ThingId,
  device: LiveDevice | undefined,
  state: LiveState,
): ApiIncidentDetail['values'] {
  const { kind, key } = parseThing(cause)
  const [id = ''] = key.split('/')
  const descriptor = state.descriptors.find((one) => one.id === id)
  const declared = device ? findDeviceType(device.type)?.metrics : undefined
  const values = series.flatMap(({ columns, values: rows }) =>
    rows.flatMap((row) =>
      columns.flatMap((metric, at) => {
        const value = row[at]
        if (metric === 'time' || typeof value !== 'number') return []
        const { title, unit } = (kind === 'indicator' ? descriptor : declared?.[metric]) ?? { title: null, unit: '' }
        return [{ ts: Number(row[0]), metric, title: title ?? { vi: metric, en: metric }, unit, value }]
      }),
    ),
  )
  return values.sort((a, b) => a.ts - b.ts)
}
