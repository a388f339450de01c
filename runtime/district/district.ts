import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Area, AreasFile } from '@ioc/contract/district/areas.ts'
import { CalendarsFile } from '@ioc/contract/district/calendars.ts'
import { type Parameters, ParametersFile } from '@ioc/contract/district/parameters.ts'
import { type Site, SitesFile } from '@ioc/contract/district/sites.ts'
import type { LiveDistrict } from '@ioc/contract/messages/live.ts'
import { Compile } from 'typebox/compile'
import type { Logger } from '../logger.ts'
import { type Calendar, calendarOf, emptyCalendar } from './calendar.ts'
import { areaOn, dayAfter, isInForce, localDay } from './in-force.ts'
import { parametersOf } from './parameters.ts'
import { readYamlFile, type YamlFile } from './yaml-file.ts'

/** What is known of the district, as of one day. */
export interface District {
  readonly described: LiveDistrict
  /**
   * The code of the area that a site is in: as the district lists the site, else as its nodes said. A former area's code
   * gives its successor's; one that the district does not know gives none.
   */
  areaOf(site: string, said: string | undefined): string | undefined
  /** The sites that are listed, with their kinds. */
  readonly sites: readonly Site[]
  readonly calendar: Calendar
  readonly parameters: Parameters
}

export interface DistrictFiles {
  /** The folder. */
  readonly district: string
  /** Whether its example sites are used too. */
  readonly exampleSites: boolean
}

const checkAreas = Compile(AreasFile)
const checkSites = Compile(SitesFile)
const checkCalendars = Compile(CalendarsFile)
const checkParameters = Compile(ParametersFile)

/**
 * Reads the district's folder as of the day at `now`, in ms. Where it names no areas, what nodes say is taken as it is.
 * @throws IocError DISTRICT_INVALID in one line: file, line, entry, reason; FOLDER_UNUSABLE
 */
export function loadDistrict({ district: folder, exampleSites }: DistrictFiles, now: number, logger: Logger): District {
  if (!existsSync(folder))
    logger.warn({ folder }, 'no district folder (IOC_DISTRICT): areas come from the births of nodes')
  const today = localDay(now)
  const areas = readAreas(join(folder, 'areas.yaml'))
  const files = exampleSites ? ['sites.yaml', 'example-sites.yaml'] : ['sites.yaml']
  const sites = readSites(
    files.map((name) => join(folder, name)),
    areas,
    today,
  )
  const calendars = readYamlFile(join(folder, 'calendars.yaml'), checkCalendars)
  const parameters = readYamlFile(join(folder, 'parameters.yaml'), checkParameters)
  const listed = new Map(sites.map(({ site, area }) => [site, area]))
  return {
    described: {
      areas: areas
        .filter((area) => isInForce(area, today))
        .map(({ code, name, lat, lon, unconfirmed = false }) => ({ code, name, lat, lon, unconfirmed })),
      sites: sites.map(({ site, area, name = null, lat = null, lon = null }) => ({ site, area, name, lat, lon })),
    },
    areaOf(site, said) {
      const known = listed.get(site)
      if (known !== undefined || said === undefined || areas.length === 0) return known ?? said
      return areaOn(areas, said, today)?.code
    },
    sites,
    calendar: calendarOf(calendars?.content ?? emptyCalendar),
    parameters: parametersOf(parameters?.content ?? {}),
  }
}

function readAreas(path: string): readonly Area[] {
  const file = readYamlFile(path, checkAreas)
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
function readSites(paths: readonly string[], areas: readonly Area[], today: string): readonly Site[] {
  const seen = new Set<string>()
  return paths.flatMap((path) => {
    const file = readYamlFile(path, checkSites)
    if (!file) return []
    return file.content.sites.map((entry, index) => {
      if (seen.has(entry.site)) throw file.fault(['sites', index, 'site'], `${entry.site} is listed twice`)
      seen.add(entry.site)
      if ((entry.lat === undefined) !== (entry.lon === undefined))
        throw file.fault(['sites', index], `${entry.site} has only one of lat and lon`)
      const area = areaOn(areas, entry.area, today)
      if (!area)
        throw file.fault(['sites', index, 'area'], `neither area ${entry.area} nor a successor of it is in force`)
      return { ...entry, area: area.code }
    })
  })
}
