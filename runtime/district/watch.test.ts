import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLogger } from '../logger.ts'
import type { District } from './district.ts'
import { type tinyDistrict, writeTinyDistrict } from './testing/tiny.ts'
import { type DistrictWatch, watchDistrict } from './watch.ts'

describe('the district folder, watched', () => {
  const logger = createLogger('stream-processor', { logLevel: 'silent' })
  const references = () => ({
    indicators: [
      {
        id: 'system_cpu_1m',
        scopes: ['site', 'area', 'device', 'district'] as const,
        levels: { direction: 'above' as const },
      },
    ],
    domains: ['machines'],
  })
  let folder: string
  let watch: DistrictWatch
  let taken: District[]
  let problems: (string | null)[]
  let now: number

  beforeEach(() => {
    folder = writeTinyDistrict()
    taken = []
    problems = []
    now = Date.parse('2026-12-31T16:59:00Z')
    watch = watchDistrict({
      files: { district: folder, exampleSites: false },
      referencesOf: references,
      logger,
      pollMs: 10,
      onChange: async (district) => void taken.push(district),
      onProblem: (problem) => void problems.push(problem && `${problem.file} ${problem.line}: ${problem.reason}`),
      now: () => now,
    })
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const write = (name: keyof typeof tinyDistrict, text: string) => writeFileSync(join(folder, name), text)
  /** A change is validated when two looks find the same. */
  const settle = async () => {
    await watch.look()
    await watch.look()
  }

  test('is not taken up again while nothing changes, nor for what only reads otherwise', async () => {
    await settle()
    write('parameters.yaml', '# a comment\naqi_min_hours: { source: "đảo", value: 12 }\n')
    await settle()
    expect(taken).toEqual([])
    expect(problems).toEqual([])
  })

  test.each([
    ['sites.yaml', 'sites: [{ site: cang, area: S1 }]', (one: District) => one.areaOf('cang', undefined), 'S1'],
    [
      'areas.yaml',
      'areas: [{ code: S1, name: A, lat: 1, lon: 1, valid_from: null, valid_to: null, successor: null, source: {} }]',
      (one: District) => one.described.areas.length,
      1,
    ],
    [
      'calendars.yaml',
      'working_days: []\nworking_hours: []\nholidays: []\nschool_terms: []\nseasons: { flood: { from: "09-01", to: "11-30" }, dry: { from: "12-01", to: "04-30" } }',
      (one: District) => one.calendar.isWorkingDay(0),
      false,
    ],
    ['parameters.yaml', 'aqi_min_hours: { value: 20 }', (one: District) => one.parameters.aqi_min_hours.value, 20],
    ['units.yaml', 'units: []', (one: District) => one.described.units.length, 0],
    ['targets.yaml', 'targets: []', (one: District) => one.described.targets.length, 0],
    [
      'thresholds.yaml',
      'thresholds: []',
      (one: District) => one.levelsAt('system_cpu_1m', 'site', 'cang', undefined),
      undefined,
    ],
  ] as const)('%s is taken up when it has changed', async (name, text, read, expected) => {
    if (name === 'areas.yaml') write('sites.yaml', 'sites: []')
    for (const other of ['units.yaml', 'targets.yaml', 'thresholds.yaml'] as const) {
      if (name === 'areas.yaml' || name === 'sites.yaml') rmSync(join(folder, other))
    }
    write(name, text)
    await settle()
    expect(problems).toEqual([])
    expect(taken).toHaveLength(1)
    expect(read(taken[0] as District)).toBe(expected)
    expect(watch.district).toBe(taken[0])
  })

  test('is refused with a bad file, once, keeps what it was, and is taken up when the file is repaired', async () => {
    const before = watch.district
    write('sites.yaml', 'sites:\n  - { site: cang, area: X }\n')
    await settle()
    await settle()
    expect(watch.problem).toMatchObject({ file: 'sites.yaml', line: 2, since: now })
    expect(watch.district).toBe(before)
    write('sites.yaml', 'sites:\n  - { site: cang\n')
    await settle()
    write('sites.yaml', 'sites: [{ site: cang, area: S1 }]')
    await settle()
    expect(problems).toEqual([
      'sites.yaml 2: sites[0].area: neither area X nor a successor of it is in force',
      expect.stringMatching(/^sites.yaml \d: Flow map/),
      null,
    ])
    expect(taken).toHaveLength(1)
    expect(watch.problem).toBeNull()
  })

  test('is valid again without being taken up when a bad edit is undone', async () => {
    write('units.yaml', 'units: 7')
    await settle()
    write('units.yaml', 'units: [{ id: ubnd, name: { vi: Ủy ban, en: Office }, area: N1, domains: [machines] }]\n')
    await settle()
    expect(problems).toEqual(['units.yaml 1: units: expected a list; got 7', null])
    expect(taken).toEqual([])
  })

  test('is not judged half-written', async () => {
    write('sites.yaml', 'sites:\n  - { site: ca')
    await watch.look()
    write('sites.yaml', 'sites: [{ site: cang, area: S1 }]')
    await settle()
    expect(problems).toEqual([])
    expect(taken).toHaveLength(1)
  })

  test('is followed when an editor renames and when the folder is replaced', async () => {
    writeFileSync(join(folder, 'sites.yaml.tmp'), 'sites: [{ site: cang, area: S1 }]')
    renameSync(join(folder, 'sites.yaml.tmp'), join(folder, 'sites.yaml'))
    await settle()
    const other = writeTinyDistrict({ 'sites.yaml': 'sites: [{ site: cang, area: N1 }]' })
    rmSync(folder, { recursive: true })
    await watch.look()
    renameSync(other, folder)
    await settle()
    expect(problems).toEqual([])
    expect(taken.map((one) => one.areaOf('cang', undefined))).toEqual(['S1', 'N1'])
  })

  test('takes outlines up, refuses invalid ones, and does without them', async () => {
    const file = join(folder, 'outlines.geojson')
    const ring = [
      [106.5, 8.6],
      [106.7, 8.6],
      [106.7, 8.8],
      [106.5, 8.6],
    ]
    const outlines = (code: string) => {
      const geometry = { type: 'Polygon', coordinates: [ring] }
      return JSON.stringify({
        type: 'FeatureCollection',
        features: [{ type: 'Feature', properties: { code }, geometry }],
      })
    }
    expect(watch.district.described.outlines).toBeNull()
    writeFileSync(file, outlines('N1'))
    await settle()
    const { outlines: version } = watch.district.described
    expect(version).not.toBeNull()
    writeFileSync(file, outlines('N9'))
    await settle()
    expect(problems).toEqual(['outlines.geojson 1: features[0].properties.code: no area N9 in areas.yaml'])
    expect(watch.district.described.outlines).toBe(version)
    rmSync(file)
    await settle()
    expect(problems.at(-1)).toBeNull()
    expect(watch.district.described.outlines).toBeNull()
    expect(taken).toHaveLength(2)
  })

  test('without a file that may be missing is taken up; without the areas, or the folder, it is refused', async () => {
    rmSync(join(folder, 'thresholds.yaml'))
    await settle()
    expect(taken).toHaveLength(1)
    rmSync(join(folder, 'areas.yaml'))
    await settle()
    rmSync(folder, { recursive: true })
    await settle()
    expect(taken).toHaveLength(1)
    expect(problems).toEqual([
      'areas.yaml null: the file is missing',
      expect.stringMatching(/^ioc-tiny-\w+ null: the folder is missing$/),
    ])
  })

  test('is refused, with the name of the file, where one is a folder, a pipe, or too large to be read', async () => {
    const path = join(folder, 'units.yaml')
    const kinds = [
      () => mkdirSync(path),
      () => execFileSync('mkfifo', [path]),
      () => {
        writeFileSync(path, '')
        truncateSync(path, 600e6)
      },
    ]
    for (const make of kinds) {
      rmSync(path, { recursive: true, force: true })
      await settle()
      make()
      await settle()
    }
    expect(problems).toEqual([
      'units.yaml null: is not a file',
      null,
      'units.yaml null: is not a file',
      null,
      'units.yaml null: the file has more than 2000000 bytes',
    ])
  })

  test('has other areas from the midnight on when they come into force, whether or not a bad edit waits', async () => {
    write('units.yaml', 'units: 7')
    await settle()
    expect(watch.district.areaOf('ben', undefined)).toBe('S1')
    now += 60_000
    await settle()
    expect(taken.map((one) => one.areaOf('ben', undefined))).toEqual(['S2'])
    expect(watch.problem).toMatchObject({ file: 'units.yaml' })
    await settle()
    now += 86_400_000
    await settle()
    expect(taken).toHaveLength(1)
  })
})
