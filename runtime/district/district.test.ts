import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Area } from '@ioc/contract/district/areas.ts'
import { defaultParameters } from '@ioc/contract/district/parameters.ts'
import { siteKinds } from '@ioc/contract/district/site-kinds.ts'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createLogger } from '../logger.ts'
import { loadDistrict } from './district.ts'
import { areaOn, isInForce, localDay } from './in-force.ts'

const shipped = join(import.meta.dirname, '../../district')
const logger = createLogger('stream-processor', { logLevel: 'silent' })
/** The last millisecond before 1 July 2025 in Asia/Ho_Chi_Minh. */
const lastOfJune = Date.parse('2025-06-30T16:59:59.999Z')
const today = Date.parse('2026-01-15T00:00:00Z')

/** A folder with these files; without one of them, the one that is shipped. */
function folderOf(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'ioc-district-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'areas.yaml'), readFileSync(join(shipped, 'areas.yaml')))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

const load = (files: Readonly<Record<string, string>>, now = today) =>
  loadDistrict({ district: folderOf(files), exampleSites: false }, now, logger)
const site = (name: string, area: string) => `sites: [{ site: ${name}, area: "${area}" }]`

describe('the district that is shipped', () => {
  test('has four communes since July 2025, and eight communes and two townships before', () => {
    const codes = (now: number) =>
      loadDistrict({ district: shipped, exampleSites: false }, now, logger).described.areas.map(({ code }) => code)
    expect(codes(lastOfJune)).toHaveLength(10)
    expect(codes(lastOfJune + 1)).toEqual(['24931', '24934', '24943', '24955'])
  })

  test('lists no site that nobody told of', () => {
    expect(loadDistrict({ district: shipped, exampleSites: false }, today, logger).described.sites).toEqual([])
  })

  test('has some 120 example sites of all kinds, each near a place of its area', () => {
    const { sites, described } = loadDistrict({ district: shipped, exampleSites: true }, today, logger)
    expect(sites.length).toBeGreaterThanOrEqual(120)
    expect(new Set(sites.map(({ kind }) => kind))).toEqual(new Set(Object.keys(siteKinds)))
    expect(new Set(sites.map(({ area }) => area))).toEqual(new Set(described.areas.map(({ code }) => code)))
    for (const { lat = 0, lon = 0 } of sites) {
      expect(lat).toSatisfy((degrees: number) => degrees > 11.6397 && degrees < 11.9711)
      expect(lon).toSatisfy((degrees: number) => degrees > 108.3924 && degrees < 108.7013)
    }
  })

  test('says of each parameter what the code says without it', () => {
    const { parameters } = loadDistrict({ district: shipped, exampleSites: false }, today, logger)
    expect(parameters).toEqual(defaultParameters)
    const { forest_fire_reset_mm: rain } = load({
      'parameters.yaml': 'forest_fire_reset_mm: { value: 7, source: "12/QĐ-UBND", unconfirmed: false }',
    }).parameters
    expect(rain).toMatchObject({
      value: 7,
      source: { vi: '12/QĐ-UBND', en: '12/QĐ-UBND' },
      unconfirmed: false,
      unit: 'mm',
    })
    expect(() => load({ 'parameters.yaml': 'forest_fire_limits: { value: [1, 2] }' })).toThrow(
      'parameters.yaml, line 1',
    )
  })

  test('knows working hours, holidays, school days and seasons', () => {
    const { calendar } = loadDistrict({ district: shipped, exampleSites: false }, today, logger)
    const at = (local: string) => Date.parse(`${local}+07:00`)
    expect(calendar.isOpen(at('2026-11-27T08:00:00'))).toBe(true)
    expect(calendar.isOpen(at('2026-11-27T12:00:00'))).toBe(false)
    expect(calendar.isOpen(at('2026-11-28T08:00:00'))).toBe(false)
    expect(calendar.isOpen(at('2026-02-17T08:00:00'))).toBe(false)
    expect(calendar.isHoliday(at('2026-02-22T23:59:59'))).toBe(true)
    expect(calendar.isHoliday(at('2026-02-23T00:00:00'))).toBe(false)
    expect(calendar.isSchoolDay(at('2026-11-27T08:00:00'))).toBe(true)
    expect(calendar.isSchoolDay(at('2026-07-07T08:00:00'))).toBe(false)
    expect(calendar.isSeason('flood', at('2026-11-27T08:00:00'))).toBe(true)
    expect(calendar.isSeason('dry', at('2026-01-27T08:00:00'))).toBe(true)
    expect(calendar.isSeason('dry', at('2026-06-27T08:00:00'))).toBe(false)
  })
})

describe('the area of a site', () => {
  test('is what the district says, else what a node says', () => {
    const { areaOf, described } = load({ 'sites.yaml': site('a', '24943') })
    expect(areaOf('a', undefined)).toBe('24943')
    expect(areaOf('a', '24931')).toBe('24943')
    expect(areaOf('b', '24931')).toBe('24931')
    expect(areaOf('b', undefined)).toBeUndefined()
    expect(described.sites).toMatchObject([{ site: 'a', area: '24943', name: null, kind: null, lat: null, lon: null }])
  })

  test('of a code that is no longer in force is its successor, from the day on which that is in force', () => {
    const files = { 'sites.yaml': site('a', '24949') }
    expect(load(files, lastOfJune).areaOf('a', undefined)).toBe('24949')
    expect(load(files, lastOfJune + 1).areaOf('a', undefined)).toBe('24955')
    expect(load({}).areaOf('b', '24949')).toBe('24955')
  })

  test('is unknown where a node says a code that is none', () => {
    expect(load({}).areaOf('a', '1')).toBeUndefined()
  })

  test('is what nodes say where the district has no folder', () => {
    const { areaOf, described } = loadDistrict(
      { district: join(folderOf({}), 'missing'), exampleSites: false },
      today,
      logger,
    )
    expect(areaOf('a', '1')).toBe('1')
    expect(described).toMatchObject({ areas: [], sites: [], units: [], targets: [], thresholds: [], problem: null })
  })
})

describe('an area in force', () => {
  const area = (code: string, from: string | null, to: string | null, successor: string | null): Area => ({
    code,
    name: code,
    lat: 0,
    lon: 0,
    valid_from: from,
    valid_to: to,
    successor,
    source: {},
  })

  test('is found over any number of successors, and by codes that were given again', () => {
    const areas = [
      area('a', null, '2000-12-31', 'b'),
      area('b', '1990-01-01', '2010-12-31', 'c'),
      area('a', '2005-01-01', '2007-12-31', 'b'),
      area('c', '2011-01-01', null, null),
      area('d', null, '2010-12-31', null),
      area('e', '2020-01-01', null, null),
    ]
    const code = (wanted: string, day: string) => areaOn(areas, wanted, day)?.code
    expect(code('a', '2000-12-31')).toBe('a')
    expect(code('a', '2003-01-01')).toBe('b')
    expect(code('a', '2006-01-01')).toBe('a')
    expect(code('a', '2008-01-01')).toBe('b')
    expect(code('a', '2015-01-01')).toBe('c')
    expect(code('d', '2015-01-01')).toBeUndefined()
    expect(code('e', '2015-01-01')).toBeUndefined()
  })

  test('is in force on the day asked for, whatever is asked', () => {
    const day = fc
      .integer({ min: 0, max: 40 })
      .map((n) => localDay(Date.parse('2025-01-01T00:00:00Z') + n * 86_400_000))
    const maybeDay = fc.option(day, { nil: null })
    const code = fc.constantFrom('a', 'b', 'c')
    const any = fc
      .tuple(code, maybeDay, maybeDay, fc.option(code, { nil: null }))
      .filter(([, from, to]) => from === null || to === null || from <= to)
      .map((parts) => area(...parts))
    fc.assert(
      fc.property(fc.array(any, { maxLength: 8 }), code, day, (areas, wanted, on) => {
        const found = areaOn(areas, wanted, on)
        if (found) expect(isInForce(found, on)).toBe(true)
        if (areas.some((one) => one.code === wanted && isInForce(one, on))) expect(found?.code).toBe(wanted)
      }),
    )
  })
})

describe('a fault', () => {
  const entry = (change: string) =>
    `areas:
  - { code: "1", name: Một, lat: 1, lon: 1, valid_from: null, valid_to: 2025-06-30, successor: "2", source: {} }
  - { code: "2", name: Hai, lat: 1, lon: 1, valid_from: 2025-07-01, valid_to: null, successor: null, source: {} }
  - { name: Ba, lat: 1, lon: 1, source: {}, ${change} }
`
  const whole = 'valid_from: 2025-07-01, valid_to: null, successor: null'

  test.each([
    ['areas.yaml', 'areas: [', 'line 1: '],
    ['areas.yaml', 'areas:\n  - a: 1\n    a: 2', 'line 3: Map keys must be unique'],
    ['areas.yaml', '', 'line 1: expected fields with values'],
    [
      'areas.yaml',
      entry(`code: 3, ${whole}`),
      'line 4: areas[2].code: expected the code of an area in quotes, such as "24931"; got 3',
    ],
    ['areas.yaml', entry(`code: "3", colour: red, ${whole}`), 'line 4: areas[2].colour: unknown field'],
    [
      'areas.yaml',
      entry('code: "3", valid_from: July, valid_to: null, successor: null'),
      'line 4: areas[2].valid_from: ',
    ],
    [
      'areas.yaml',
      entry(`code: "2", ${whole}`),
      'line 4: areas[2].code: 2 is also the code of areas[1] in an overlapping period',
    ],
    [
      'areas.yaml',
      entry('code: "3", valid_from: 2025-07-02, valid_to: 2025-07-01, successor: null'),
      'line 4: areas[2].valid_to: valid_to of Ba is before its valid_from',
    ],
    [
      'areas.yaml',
      entry('code: "3", valid_from: null, valid_to: 2025-06-29, successor: "2"'),
      'line 4: areas[2].successor: no area 2 is in force on 2025-06-30',
    ],
    [
      'areas.yaml',
      entry('code: "3", valid_from: null, valid_to: null, successor: "2"'),
      'line 4: areas[2].successor: Ba has a successor, but no valid_to',
    ],
    [
      'sites.yaml',
      `# one\n\n${site('a', '1')}`,
      'line 3: sites[0].area: neither area 1 nor a successor of it is in force',
    ],
    ['sites.yaml', 'sites:\n  - { site: a b, area: "24931" }', 'line 2: sites[0].site: expected the name of a site'],
    [
      'sites.yaml',
      'sites:\n  - { site: a, area: "24931", lat: 11.7 }',
      'line 2: sites[0]: a has only one of lat and lon',
    ],
    [
      'sites.yaml',
      'sites:\n  - { site: a, area: "24931" }\n  - { site: a, area: "24943" }',
      'line 3: sites[1].site: a is listed twice',
    ],
    [
      'sites.yaml',
      Buffer.from('# A\nsites:\n  - { site: a, area: "24931", name: C\u00e0 phe }', 'latin1'),
      'line 3: the text is not UTF-8: save the file with that encoding',
    ],
    [
      'parameters.yaml',
      'forest_fire_limits: { value: [1000, 2500, 2400, 10000] }',
      'line 1: forest_fire_limits.value: expected 4 numbers in ascending order',
    ],
    [
      'parameters.yaml',
      '\nservice_level_limits: { value: [85, 67, 67, 40, 30] }',
      'line 2: service_level_limits.value: expected 5 numbers in descending order',
    ],
    [
      'parameters.yaml',
      'fire_weather_day_lengths: { value: [30, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8] }',
      'line 1: fire_weather_day_lengths.value[0]: must be <= 24; got 30',
    ],
  ])('in %s is one line that says where and what (%#)', (file, text, expected) => {
    const folder = folderOf({ [file]: text })
    let fault: unknown
    try {
      loadDistrict({ district: folder, exampleSites: false }, today, logger)
    } catch (error) {
      fault = error
    }
    expect(fault).toMatchObject({ code: 'DISTRICT_INVALID' })
    const { message } = fault as Error
    expect(message.startsWith(`${join(folder, file)}, ${expected}`), message).toBe(true)
    expect(message).not.toContain('\n')
  })
})
