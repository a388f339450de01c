import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createLogger } from '../logger.ts'
import { loadDistrict } from './district.ts'
import type { References } from './targets.ts'
import { type tinyDistrict, writeTinyDistrict } from './testing/tiny.ts'

const logger = createLogger('stream-processor', { logLevel: 'silent' })
const today = Date.parse('2026-11-29T03:00:00Z')
const references: References = {
  indicators: [
    { id: 'system_cpu_1m', scopes: ['device', 'site', 'area', 'district'], levels: { direction: 'above' } },
    { id: 'on_time', scopes: ['site', 'area', 'district'], levels: { direction: 'below', attention: 98 } },
    { id: 'guests', scopes: ['area', 'district'] },
    { id: 'by_field', scopes: ['site'], by: 'field', levels: { direction: 'above' } },
  ],
  domains: ['machines', 'tourism'],
}

function load(files: Partial<Record<keyof typeof tinyDistrict, string>>) {
  const folder = writeTinyDistrict(files)
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return { folder, district: loadDistrict({ district: folder, exampleSites: false }, today, logger, () => references) }
}

const target = (entry: string) => `targets:\n  - { value: 1, source: s, ${entry} }\n`
const threshold = (entry: string) => `thresholds:\n  - { source: s, ${entry} }\n`

describe('targets, thresholds and units', () => {
  test('are read with the areas that are in force, and with what follows from the indicator', () => {
    const { district } = load({
      'targets.yaml': `targets:
  - { indicator: on_time, scope: area, value: 98, source: s }
  - { indicator: on_time, scope: area, key: S1, period: 2026, value: 97, source: s, unconfirmed: true }
  - { indicator: guests, scope: district, period: 2026-Q4, value: 5000, direction: at_least, source: s }
  - { indicator: guests, scope: district, period: 2026-11, value: 2000, source: s }
`,
    })
    expect(district.described.targets).toMatchObject([
      { scope: 'area', key: null, period: null, direction: 'at_least', unconfirmed: false },
      { key: 'S1', period: '2026', value: 97, unconfirmed: true },
      { scope: 'district', key: 'district', period: '2026-Q4', direction: 'at_least' },
      { period: '2026-11', direction: null },
    ])
    expect(district.described.thresholds).toMatchObject([
      { key: 'cang', levels: { direction: 'above', attention: 20, warning: 30 } },
    ])
    expect(district.levelsAt('system_cpu_1m', 'site', 'cang', undefined)).toMatchObject({ attention: 20 })
    expect(district.levelsAt('system_cpu_1m', 'device', 'cang', undefined)).toBeUndefined()
    expect(district.described.units).toMatchObject([{ id: 'ubnd', area: 'N1', domains: ['machines'] }])
  })

  test('of all devices of a site stand under its name and a star; a single one may have its own', () => {
    const { district } = load({
      'thresholds.yaml': `thresholds:
  - { indicator: system_cpu_1m, scope: device, key: cang/*, attention: 20, source: s }
  - { indicator: system_cpu_1m, scope: device, key: cang/may, attention: 30, source: s }
`,
    })
    const at = (key: string) => district.levelsAt('system_cpu_1m', 'device', key, undefined)?.attention
    expect([at('cang/khac'), at('cang/may'), at('ben/may')]).toEqual([20, 30, undefined])
    expect(district.levelsAt('system_cpu_1m', 'site', 'cang', undefined)).toBeUndefined()
  })

  test.each([
    [
      'targets.yaml',
      target('indicator: nothing, scope: area'),
      'line 2: targets[0].indicator: there is no indicator nothing',
    ],
    [
      'targets.yaml',
      target('indicator: guests, scope: site, key: cang'),
      'line 2: targets[0].scope: guests has no values of scope site, only of area, district',
    ],
    [
      'targets.yaml',
      target('indicator: guests, scope: area, key: X9'),
      'line 2: targets[0].key: neither area X9 nor a successor of it is in force',
    ],
    [
      'targets.yaml',
      target('indicator: on_time, scope: site, key: nha'),
      'line 2: targets[0].key: there is no site nha in sites.yaml',
    ],
    [
      'targets.yaml',
      target('indicator: system_cpu_1m, scope: device, key: cang'),
      'line 2: targets[0].key: expected site/device, or site/* for all devices of the site; got cang',
    ],
    [
      'targets.yaml',
      target('indicator: on_time, scope: area, direction: at_most'),
      'line 2: targets[0].direction: on_time is better when high: use at_least',
    ],
    [
      'targets.yaml',
      target('indicator: system_cpu_1m, scope: area, direction: at_least'),
      'line 2: targets[0].direction: system_cpu_1m is better when low: use at_most',
    ],
    [
      'targets.yaml',
      target('indicator: guests, scope: area, period: 2026-13'),
      'line 2: targets[0].period: expected a period: a year as 2026',
    ],
    [
      'targets.yaml',
      target('indicator: guests, scope: area, period: 2026-Q5'),
      'line 2: targets[0].period: expected a period',
    ],
    ['targets.yaml', target('indicator: guests, scope: area, value: nhiều'), 'line 2: Map keys must be unique'],
    [
      'targets.yaml',
      'targets:\n  - { indicator: guests, scope: area, source: s, value: nhiều }',
      'line 2: targets[0].value: expected a number; got "nhiều"',
    ],
    [
      'targets.yaml',
      'targets:\n  - { indicator: guests, scope: area, value: 1 }',
      'line 2: targets[0]: missing field source',
    ],
    [
      'targets.yaml',
      target('indicator: guests, scope: area, group: x'),
      'line 2: targets[0].group: guests is not grouped',
    ],
    [
      'targets.yaml',
      target('indicator: guests, scope: area, key: S1, period: 2026') +
        '  - { indicator: guests, scope: area, key: S1, period: "2026", value: 2, source: s }',
      'line 3: targets[1]: a second entry for guests, area, S1, 2026',
    ],
    [
      'thresholds.yaml',
      threshold('indicator: system_cpu_1m, scope: area, attention: 1'),
      'line 2: thresholds[0]: missing field key',
    ],
    [
      'thresholds.yaml',
      threshold('indicator: system_cpu_1m, scope: area, key: N1'),
      'line 2: thresholds[0]: needs at least one of attention, warning and critical',
    ],
    [
      'thresholds.yaml',
      threshold('indicator: system_cpu_1m, scope: area, key: N1, attention: 5, warning: 4'),
      'line 2: thresholds[0].warning: warning (4) must be above attention (5)',
    ],
    [
      'thresholds.yaml',
      threshold('indicator: on_time, scope: area, key: N1, attention: 5, critical: 9'),
      'line 2: thresholds[0].critical: critical (9) must be below attention (5)',
    ],
    [
      'thresholds.yaml',
      threshold('indicator: on_time, scope: area, key: N1, direction: above, attention: 5'),
      'line 2: thresholds[0].direction: of on_time, low values are bad: use below',
    ],
    [
      'thresholds.yaml',
      threshold('indicator: guests, scope: district, attention: 5'),
      'line 2: thresholds[0]: missing field direction',
    ],
    [
      'thresholds.yaml',
      threshold('indicator: by_field, scope: site, key: ben, attention: 5'),
      'line 2: thresholds[0]: missing field group: by_field has a value for each field',
    ],
    [
      'units.yaml',
      'units:\n  - { id: a, name: { vi: A, en: A }, domains: [biển] }',
      'line 2: units[0].domains[0]: there is no domain biển',
    ],
    ['units.yaml', 'units:\n  - { id: a, name: { vi: A }, domains: [] }', 'line 2: units[0].name: missing field en'],
    [
      'units.yaml',
      'units:\n  - { id: a, name: { vi: A, en: A }, area: X, domains: [] }',
      'line 2: units[0].area: neither area X',
    ],
    [
      'calendars.yaml',
      'working_days: [1]\nworking_hours: []\nholidays:\n  - { from: 2026-02-30, to: 2026-03-01, name: Tết }\nschool_terms: []\nseasons: { flood: { from: "09-01", to: "11-30" }, dry: { from: "12-01", to: "04-30" } }',
      'line 4: holidays[0].from: there is no day 2026-02-30',
    ],
    [
      'calendars.yaml',
      'working_days: [1]\nworking_hours: []\nholidays:\n  - { from: 2026-02-01, to: 2026-02-05, name: Tết }\n  - { from: 2026-02-05, to: 2026-02-06, name: Lễ }\nschool_terms: []\nseasons: { flood: { from: "09-01", to: "11-30" }, dry: { from: "12-01", to: "04-30" } }',
      'line 5: holidays[1]: Lễ overlaps Tết (2026-02-01 to 2026-02-05)',
    ],
    [
      'calendars.yaml',
      'working_days: [1]\nworking_hours: []\nholidays: []\nschool_terms:\n  - { from: 2026-06-01, to: 2026-05-01, name: Hè }\nseasons: { flood: { from: "09-01", to: "11-30" }, dry: { from: "12-01", to: "04-30" } }',
      'line 5: school_terms[0].to: Hè ends before it begins',
    ],
    [
      'calendars.yaml',
      'working_days: [1, 8]\nworking_hours: []\nholidays: []\nschool_terms: []\nseasons: { flood: { from: "09-01", to: "11-31" }, dry: { from: "12-01", to: "04-30" } }',
      'line 1: working_days[1]: expected a day of the week, from 1 (Monday) to 7 (Sunday); got 8',
    ],
    [
      'calendars.yaml',
      'working_days: [1]\nworking_hours: []\nholidays: []\nschool_terms: []\nseasons:\n  flood: { from: "09-01", to: "11-31" }\n  dry: { from: "12-01", to: "04-30" }',
      'line 6: seasons.flood.to: there is no day 11-31',
    ],
    [
      'areas.yaml',
      'areas:\n  - { code: N1, name: B, lat: 95, lon: 1, valid_from: null, valid_to: null, successor: null, source: {} }',
      'line 2: areas[0].lat: expected degrees of latitude, from -90 to 90; got 95',
    ],
    [
      'areas.yaml',
      'areas:\n  - { code: N1, name: B, lat: 9, lon: 1, valid_from: 2025-02-29, valid_to: null, successor: null, source: {} }',
      'line 2: areas[0].valid_from: there is no day 2025-02-29',
    ],
    ['parameters.yaml', 'aqi_min_hours: { value: 25 }', 'line 1: aqi_min_hours.value: '],
    ['parameters.yaml', 'aqi_hours: { value: 2 }', 'line 1: aqi_hours: unknown field'],
  ] as const)('in %s, a fault is one line that says where and what (%#)', (file, text, expected) => {
    let fault: unknown
    try {
      load({ [file]: text })
    } catch (error) {
      fault = error
    }
    expect(fault).toMatchObject({ code: 'DISTRICT_INVALID', cause: { line: expect.any(Number) } })
    const { message, cause } = fault as Error & { cause: { path: string } }
    expect(message.startsWith(`${cause.path}, ${expected}`), message).toBe(true)
    expect(cause.path.endsWith(join('/', file))).toBe(true)
    expect(message).not.toContain('\n')
  })
})
