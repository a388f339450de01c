import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DeviceTypeId } from '@ioc/contract/device-types/table.ts'
import { type Area, AreasFile } from '@ioc/contract/district/areas.ts'
import type { Site } from '@ioc/contract/district/sites.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import { loadDistrict } from '@ioc/runtime/district/district.ts'
import { parseYamlFile } from '@ioc/runtime/district/yaml-file.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { Compile } from 'typebox/compile'
import type { CaseSource, Source, World } from '../model.ts'
import { models } from '../models/table.ts'
import type { ScenarioEvent } from '../scenarios/scenario.ts'

/** Noon of a Monday in the rainy season and in a school term, in Asia/Ho_Chi_Minh. */
export const monday = Date.UTC(2026, 9, 12, 5)

const folder = join(import.meta.dirname, '../../district')
const district = loadDistrict(
  { district: folder, exampleSites: true },
  monday,
  createLogger('simulator', { logLevel: 'silent' }),
)

const areasFile = join(folder, 'areas.yaml')
export const areas: readonly Area[] = parseYamlFile(areasFile, readFileSync(areasFile, 'utf8'), Compile(AreasFile))
  .content.areas

export const sites: readonly Site[] = district.sites

export function siteNamed(name: string): Site {
  const site = sites.find((one) => one.site === name)
  if (!site) throw new Error(`no example site ${name}`)
  return site
}

export function worldOf(events: readonly ScenarioEvent[] = [], seed = 1): World {
  return {
    seed,
    calendar: district.calendar,
    eventsAt: (ts) => events.filter(({ from, to }) => from <= ts && ts <= to),
  }
}

/** A source of a site, and the type of its device. */
export interface Placed<S> {
  readonly site: Site
  readonly type: string
  readonly source: S
}

const placed = <S extends Source | CaseSource>(site: Site, sources: readonly S[]): Placed<S>[] =>
  sources.map((source) => ({ site, type: source.devices()[0]?.type ?? '', source }))

export function sourcesOf(world: World, of: readonly Site[] = sites): Placed<Source>[] {
  return of.flatMap((site) => models.flatMap(({ sources }) => placed(site, sources?.(site, world) ?? [])))
}

export function caseSourcesOf(world: World, of: readonly Site[] = sites): Placed<CaseSource>[] {
  return of.flatMap((site) => models.flatMap(({ cases }) => placed(site, cases?.(site, world) ?? [])))
}

/** What the devices of a type say from one time to another, at the cadence of a filled past. */
export function recordsOf(
  world: World,
  type: DeviceTypeId,
  { from, to, site }: { from: number; to: number; site?: string },
): MeasurementRecord[] {
  return sourcesOf(world, site === undefined ? sites : [siteNamed(site)])
    .filter((one) => one.type === type)
    .flatMap(({ source }) => collected(source, from, to))
}

export function collected(source: Source, from: number, to: number, cadence_s = source.fill_cadence_s) {
  const records: MeasurementRecord[] = []
  for (let ts = from; ts <= to; ts += cadence_s * 1000) records.push(...source.collect(ts))
  return records
}

/** The numbers of a metric. */
export function numbersOf(records: readonly MeasurementRecord[], metric: string): number[] {
  return records.flatMap(({ values }) => {
    const value = values[metric]
    return typeof value === 'number' ? [value] : []
  })
}

export function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}

/** Of two series of the same length, from −1 to 1. */
export function correlation(one: readonly number[], other: readonly number[]): number {
  const [meanOne, meanOther] = [mean(one), mean(other)]
  const together = mean(one.map((value, place) => (value - meanOne) * ((other[place] ?? 0) - meanOther)))
  const spread = (values: readonly number[], middle: number) =>
    Math.sqrt(mean(values.map((value) => (value - middle) ** 2)))
  return together / (spread(one, meanOne) * spread(other, meanOther))
}
