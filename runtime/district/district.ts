import { join } from 'node:path'
import { type Area, AreasFile } from '@ioc/contract/district/areas.ts'
import { CalendarsFile } from '@ioc/contract/district/calendars.ts'
import { type Parameters, ParametersFile } from '@ioc/contract/district/parameters.ts'
import { PeopleFile } from '@ioc/contract/district/people.ts'
import { RulesFile } from '@ioc/contract/district/rules.ts'
import { type Site, SitesFile } from '@ioc/contract/district/sites.ts'
import { TargetsFile, ThresholdsFile } from '@ioc/contract/district/targets.ts'
import { UnitsFile } from '@ioc/contract/district/units.ts'
import { keysOf, type Levels, type LiveDistrict, type Scope } from '@ioc/contract/messages/live.ts'
import type Type from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import type { Logger } from '../logger.ts'
import { type Calendar, calendarOf, checkCalendars, emptyCalendar } from './calendar.ts'
import { areaOn, dayAfter, isInForce, localDay } from './in-force.ts'
import { outlinesFileName, parseOutlines } from './outlines.ts'
import { parametersOf } from './parameters.ts'
import { nobody, type People, peopleOf } from './people.ts'
import { rulesOf, upstreamsOf } from './rules.ts'
import { type KnownPlaces, type References, targetsOf, thresholdsOf, unitsOf } from './targets.ts'
import { type DistrictFileName, type DistrictFiles, type DistrictTexts, readTexts } from './texts.ts'
import { parseYamlFile, type YamlFile } from './yaml-file.ts'

/** What is known of the district, as of one day. */
export interface District {
  readonly described: LiveDistrict
  /**
   * The code of the area that a site is in: as the district lists the site, else as its nodes said. A former area's code
   * gives its successor's; one that the district does not know gives none.
   */
  areaOf(site: string, said: string | undefined): string | undefined
  /** The levels of an indicator at a place, where the district has some for just that place. */
  levelsAt(indicator: string, scope: Scope, key: string, group: string | undefined): Levels | undefined
  /** The sites that are listed, with their kinds. */
  readonly sites: readonly Site[]
  readonly calendar: Calendar
  readonly parameters: Parameters
  /** Who is notified: not in `described`, which everybody reads. */
  readonly people: People
  /** All that is in force, as text: files that differ only in how they are written have the same. */
  readonly content: string
}

/**
 * What targets, thresholds and units may refer to, as of the parameters. Who does not know the indicators leaves it out:
 * then these files are not read.
 */
export type ReferencesOf = (parameters: Parameters) => References

const schemas = {
  areas: Compile(AreasFile),
  sites: Compile(SitesFile),
  calendars: Compile(CalendarsFile),
  parameters: Compile(ParametersFile),
  units: Compile(UnitsFile),
  targets: Compile(TargetsFile),
  thresholds: Compile(ThresholdsFile),
  rules: Compile(RulesFile),
  people: Compile(PeopleFile),
}

/**
 * Reads the district's folder as of the day at `now`, in ms. Where it names no areas, what nodes say is taken as it is.
 * @throws IocError DISTRICT_INVALID in one line: file, line, entry, reason
 */
export function loadDistrict(files: DistrictFiles, now: number, logger: Logger, referencesOf?: ReferencesOf): District {
  const texts = readTexts(files)
  if (!texts.exists)
    logger.warn({ folder: texts.folder }, 'no district folder (IOC_DISTRICT): areas come from the births of nodes')
  return districtOf(texts, now, referencesOf)
}

/**
 * What the files say, as of the day at `now`, in ms.
 * @throws IocError DISTRICT_INVALID in one line: file, line, entry, reason
 */
export function districtOf({ folder, texts }: DistrictTexts, now: number, referencesOf?: ReferencesOf): District {
  const fileOf = <T extends Type.TSchema>(name: DistrictFileName, validator: Validator<Type.TProperties, T>) => {
    const text = texts.get(name)
    return text === undefined ? undefined : parseYamlFile(join(folder, name), text, validator)
  }
  const today = localDay(now)
  const areas = areasOf(fileOf('areas.yaml', schemas.areas))
  const siteFiles = [fileOf('sites.yaml', schemas.sites), fileOf('example-sites.yaml', schemas.sites)]
  const sites = sitesOf(siteFiles.filter(isThere), areas, today)
  const calendars = fileOf('calendars.yaml', schemas.calendars)
  if (calendars) checkCalendars(calendars)
  const parameters = parametersOf(fileOf('parameters.yaml', schemas.parameters)?.content ?? {})
  const references = referencesOf?.(parameters)
  const listed = new Map(sites.map(({ site, area }) => [site, area]))
  const places: KnownPlaces = {
    areaOf: (code) => areaOn(areas, code, today)?.code,
    isSite: (site) => listed.has(site),
  }
  const [units, targets] = [fileOf('units.yaml', schemas.units), fileOf('targets.yaml', schemas.targets)]
  const thresholdFiles = [
    fileOf('thresholds.yaml', schemas.thresholds),
    fileOf('example-thresholds.yaml', schemas.thresholds),
  ]
  const thresholds = references ? thresholdsOf(thresholdFiles.filter(isThere), places, references) : []
  const levels = new Map<string, Map<string, Levels>>()
  for (const { indicator, scope, key, group, levels: of } of thresholds) {
    const known = levels.get(indicator) ?? new Map<string, Levels>()
    levels.set(indicator, known.set(placeId(scope, key, group ?? undefined), of))
  }
  const unitsInForce = units && references ? unitsOf(units, places, references) : []
  const rules = fileOf('rules.yaml', schemas.rules)
  // Real people are not notified of what is simulated.
  const peopleFile = fileOf('example-people.yaml', schemas.people) ?? fileOf('people.yaml', schemas.people)
  const people = peopleFile ? peopleOf(peopleFile, places, references ? unitsInForce : undefined) : nobody
  const outlinesText = texts.get(outlinesFileName)
  const outlines =
    outlinesText === undefined ? undefined : parseOutlines(join(folder, outlinesFileName), outlinesText, areas)
  const described: LiveDistrict = {
    areas: areas
      .filter((area) => isInForce(area, today))
      .map(({ code, name, lat, lon, unconfirmed = false }) => ({ code, name, lat, lon, unconfirmed })),
    sites: sites.map(({ site, area, name = null, kind = null, lat = null, lon = null }) => {
      return { site, area, name, kind, lat, lon }
    }),
    units: unitsInForce,
    targets: targets && references ? targetsOf(targets, places, references) : [],
    thresholds,
    rules: rules && references ? rulesOf(rules, places, references, unitsInForce) : [],
    upstreams: rules ? upstreamsOf(rules, places) : [],
    calendars: calendars?.content ?? null,
    outlines: outlines?.version ?? null,
    problem: null,
  }
  return {
    described,
    areaOf(site, said) {
      const known = listed.get(site)
      if (known !== undefined || said === undefined || areas.length === 0) return known ?? said
      return areaOn(areas, said, today)?.code
    },
    levelsAt(indicator, scope, key, group) {
      const known = levels.get(indicator)
      if (!known) return undefined
      const places = keysOf(scope, key).map((one) => known.get(placeId(scope, one, group)))
      return places.find((one) => one !== undefined)
    },
    sites,
    calendar: calendarOf(calendars?.content ?? emptyCalendar),
    parameters,
    people,
    content: JSON.stringify([described, areas, sites, calendars?.content, parameters, people]),
  }
}

const isThere = <T>(file: T | undefined): file is T => file !== undefined

function placeId(scope: Scope, key: string, group: string | undefined): string {
  return group === undefined ? `${scope} ${key}` : `${scope} ${key}\n${group}`
}

function areasOf(file: YamlFile<AreasFile> | undefined): readonly Area[] {
  if (!file) return []
  for (const index of file.content.areas.keys()) checkArea(file, index)
  return file.content.areas
}

/** What a schema cannot say of an area: its time, and what came after it. */
function checkArea({ content: { areas }, fault }: YamlFile<AreasFile>, index: number): void {
  const { code, name, valid_from, valid_to, successor } = areas[index] as Area
  if (valid_from !== null && valid_to !== null && valid_to < valid_from)
    throw fault(['areas', index, 'valid_to'], `valid_to of ${name} is before its valid_from`)
  const twice = areas.findIndex(
    (other, at) => at < index && other.code === code && overlap(other, areas[index] as Area),
  )
  if (twice >= 0)
    throw fault(['areas', index, 'code'], `${code} is also the code of areas[${twice}] in an overlapping period`)
  if (successor === null) return
  if (valid_to === null) throw fault(['areas', index, 'successor'], `${name} has a successor, but no valid_to`)
  const next = dayAfter(valid_to)
  if (!areas.some((area) => area.code === successor && isInForce(area, next)))
    throw fault(['areas', index, 'successor'], `no area ${successor} is in force on ${next}`)
}

function overlap(a: Area, b: Area): boolean {
  const startsInTime = (one: Area, other: Area) =>
    one.valid_from === null || other.valid_to === null || one.valid_from <= other.valid_to
  return startsInTime(a, b) && startsInTime(b, a)
}

/** Sites of several files, each with the code of the area that is in force today. */
function sitesOf(files: readonly YamlFile<SitesFile>[], areas: readonly Area[], today: string): readonly Site[] {
  const seen = new Set<string>()
  return files.flatMap((file) =>
    file.content.sites.map((entry, index) => {
      if (seen.has(entry.site)) throw file.fault(['sites', index, 'site'], `${entry.site} is listed twice`)
      seen.add(entry.site)
      if ((entry.lat === undefined) !== (entry.lon === undefined))
        throw file.fault(['sites', index], `${entry.site} has only one of lat and lon`)
      const area = areaOn(areas, entry.area, today)
      if (!area)
        throw file.fault(['sites', index, 'area'], `neither area ${entry.area} nor a successor of it is in force`)
      return { ...entry, area: area.code }
    }),
  )
}
