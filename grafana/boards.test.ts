import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard'
import { boardGroups } from '@ioc/contract/boards/groups.ts'
import { indicatorOf } from '@ioc/contract/boards/queries.ts'
import { deviceTypes } from '@ioc/contract/device-types/table.ts'
import { Value } from 'typebox/value'
import { describe, expect, test } from 'vitest'
import { declarations, declared, description, intervalOf, seconds } from './boards/kit/declarations.ts'
import type { InfluxQuery } from './boards/kit/query.ts'
import { measurements } from './boards/kit/stored.ts'
import { languages } from './boards/kit/text.ts'
import { levelsOfLevel, noneExpected, thresholdSteps } from './boards/kit/thresholds.ts'
import { grafanaUnit } from './boards/kit/units.ts'
import { boards } from './boards/table.ts'
import { differences, generate } from './generate.ts'
import { DashboardSchema } from './testing/schema.ts'

const built = languages.flatMap((language) =>
  boards.map(({ name, build }) => ({ name, language, board: json(build(language)) })),
)

/** As it is written: without what JSON leaves out. */
function json(board: Dashboard): Dashboard {
  return JSON.parse(JSON.stringify(board)) as Dashboard
}

const isRow = (panel: Panel | RowPanel): panel is RowPanel => panel.type === 'row'
const topOf = (board: Dashboard): (Panel | RowPanel)[] => board.panels ?? []
const panelsOf = (board: Dashboard): Panel[] =>
  topOf(board).flatMap((panel) => (isRow(panel) ? (panel.panels as Panel[]) : [panel]))
const targetsOf = (panel: Panel): InfluxQuery[] => (panel.targets ?? []) as InfluxQuery[]
const variablesOf = (board: Dashboard) => board.templating?.list ?? []
const queriesOf = (board: Dashboard): string[] => [
  ...panelsOf(board).flatMap((panel) => targetsOf(panel).map(({ query }) => query)),
  ...variablesOf(board).flatMap(({ type, query }) => (type === 'query' ? [String(query)] : [])),
  ...(board.annotations?.list ?? []).map((annotation) => String((annotation as { query?: string }).query)),
]

/** Ids that a query names, alone or as the alternatives of a regular expression. */
function idsOf(query: string): string[] {
  const one = [...query.matchAll(/"id" = '(\w+)'/g)].map(([, id]) => id ?? '')
  const many = [...query.matchAll(/"id" =~ \/\^\(([\w|]+)\)\$\//g)].flatMap(([, ids]) => (ids ?? '').split('|'))
  const ofPrefix = [...query.matchAll(/"id" =~ \/\^(\w+)\//g)].flatMap(([, prefix = '']) =>
    declarations.filter(({ id }) => id.startsWith(prefix)).map(({ id }) => id),
  )
  return [...one, ...many, ...ofPrefix]
}

describe.each(built)('board $name in $language', ({ name, language, board }) => {
  test('has few panels, of the types that the wall draws, each with an id of its own', () => {
    const panels = panelsOf(board)
    const ids = topOf(board).flatMap((panel) => [panel.id, ...(isRow(panel) ? panel.panels.map(({ id }) => id) : [])])
    expect(new Set(ids).size).toBe(ids.length)
    expect(panels.length).toBeGreaterThan(0)
    expect(panels.length).toBeLessThanOrEqual(24)
    for (const { type, title } of panels) {
      expect(['timeseries', 'stat', 'gauge', 'bargauge', 'table', 'state-timeline', 'geomap', 'text'], title).toContain(
        type,
      )
    }
  })

  test('has only what Grafana 9.3, the newest one and the page of the wall have in common', () => {
    expect(
      Value.Errors(DashboardSchema, board).map(({ instancePath, message }) => `${instancePath} ${message}`),
    ).toEqual([])
  })

  test('lays out its panels side by side, open and closed rows alike', () => {
    for (const panels of [topOf(board), ...topOf(board).flatMap((panel) => (isRow(panel) ? [panel.panels] : []))]) {
      const cells = panels.flatMap(({ gridPos }) =>
        Array.from({ length: (gridPos?.w ?? 0) * (gridPos?.h ?? 0) }, (_, cell) => {
          const x = (gridPos?.x ?? 0) + (cell % (gridPos?.w ?? 1))
          expect(x).toBeLessThan(24)
          return `${x},${(gridPos?.y ?? 0) + Math.floor(cell / (gridPos?.w ?? 1))}`
        }),
      )
      expect(new Set(cells).size).toBe(cells.length)
    }
  })

  test('asks only for what is stored, with variables that it has', () => {
    const variables = variablesOf(board).map((variable) => variable.name)
    for (const query of queriesOf(board)) {
      const sources = [...query.matchAll(/FROM "(\w+)"/g)].map(([, source]) => source ?? '')
      expect(sources.length, query).toBeGreaterThan(0)
      const known = sources.flatMap((source) => {
        expect(Object.keys(measurements), query).toContain(source)
        return [source, ...(measurements[source]?.tags ?? []), ...(measurements[source]?.fields ?? [])]
      })
      const given = [...query.matchAll(/AS "(\w+)"/g)].map(([, one]) => one)
      const names = [...query.replace(/AS "\w+"/g, '').matchAll(/"(\w+)"/g)].map(([, one]) => one)
      for (const one of names) expect([...known, ...given], query).toContain(one)
      for (const id of idsOf(query)) expect(() => declared(id)).not.toThrow()
      const used = [...query.matchAll(/\$(?!timeFilter|__)(\w+)/g)].map(([, one]) => one)
      for (const one of used) expect(variables, query).toContain(one)
    }
  })

  test('asks an indicator at a scope that it has, at most as often as it has values', () => {
    for (const panel of panelsOf(board)) {
      for (const { query } of targetsOf(panel)) {
        const reference = indicatorOf(query)
        if (!reference || reference.id.startsWith('$')) continue
        expect(declared(reference.id).scopes, query).toContain(reference.scope)
        expect(panel.interval, panel.title).toBeDefined()
        if (query.includes('time($__interval')) {
          expect(msOf(panel.interval ?? ''), panel.title).toBeGreaterThanOrEqual(msOf(intervalOf(reference.id)))
        }
      }
    }
  })

  test('titles every panel, and says the unit and the meaning of each indicator', () => {
    for (const panel of panelsOf(board)) {
      expect(panel.title, JSON.stringify(panel.gridPos)).toMatch(/\S/)
      const ids = targetsOf(panel).flatMap(({ query }) => indicatorOf(query)?.id ?? [])
      for (const id of ids.filter((one) => !one.startsWith('$'))) {
        const { unit, source } = declared(id)
        expect(JSON.stringify(panel.fieldConfig), `${panel.title}: ${unit}`).toContain(
          JSON.stringify(grafanaUnit(unit, language, source)),
        )
        expect(panel.description).toContain(description(id, language))
      }
    }
  })

  test('is in one group of the menu', () => {
    expect(board.tags?.filter((tag) => boardGroups.some((group) => group === tag))).toHaveLength(1)
  })

  test('shows nothing twice', () => {
    const shown = panelsOf(board).flatMap((panel) =>
      panel.targets?.length
        ? [JSON.stringify([panel.type, panel.interval, targetsOf(panel).map(({ query }) => query)])]
        : [],
    )
    expect(shown.filter((one, index) => shown.indexOf(one) !== index)).toEqual([])
  })

  test('has no limits but those that its indicators declare', () => {
    for (const panel of panelsOf(board)) {
      const ids = targetsOf(panel).flatMap(({ query }) => [indicatorOf(query)?.id ?? '', ...idsOf(query)])
      const own = declarations.filter(({ id }) => ids.includes(id)).map(({ levels }) => levels)
      const allowed = [undefined, levelsOfLevel, noneExpected, ...own].map((levels) =>
        stepsText(thresholdSteps(levels)),
      )
      for (const steps of stepsOf(panel.fieldConfig)) expect(allowed, panel.title).toContain(stepsText(steps))
    }
  })

  test('has one uid, no folder, no database id, and only the declared data source', () => {
    const text = JSON.stringify(board)
    expect(board.uid).toBe(`ioc-${name}`)
    expect(board.uid?.length).toBeLessThanOrEqual(40)
    expect(text).not.toContain('folderUid')
    expect(text).not.toContain('__inputs')
    expect(board.id ?? null).toBeNull()
    const uids = new Set([...text.matchAll(/"type":"influxdb","uid":"([^"]+)"/g)].map(([, uid]) => uid))
    expect([...uids]).toEqual(['ioc-influx'])
    const yaml = readFileSync(join(import.meta.dirname, 'provisioning/datasources/influxdb.yaml'), 'utf8')
    expect(yaml).toContain('uid: ioc-influx')
  })

  test('links to boards that there are', () => {
    const uids = boards.map((one) => `ioc-${one.name}`)
    for (const [, uid] of JSON.stringify(board).matchAll(/"url":"\/d\/([\w-]+)/g)) expect(uids).toContain(uid)
  })
})

/** Thresholds of a panel and of its overrides, wherever they are. */
function stepsOf(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => (key === 'steps' ? [item] : stepsOf(item)))
}

const stepsText = (steps: unknown): string => JSON.stringify(steps, ['value', 'color'])

function msOf(interval: string): number {
  const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
  return Number.parseInt(interval, 10) * (units[interval.slice(-1)] ?? Number.NaN)
}

/** Letters of a title that a tile of a sixth of 1920 px shows in one line. */
const maxTileTitle = 36

test('no tile has a title that it would cut off', () => {
  const titles = built
    .filter(({ name }) => !name.startsWith('type-'))
    .flatMap(({ name, board }) => panelsOf(board).map((panel) => ({ name, panel })))
    .filter(
      ({ panel: { type, gridPos, title = '' } }) =>
        type === 'stat' && (gridPos?.w ?? 0) <= 4 && title.length > maxTileTitle,
    )
  expect(titles.map(({ name, panel }) => `${name}: ${panel.title}`)).toEqual([])
})

test.each([
  ['a share that shall be high', ['public-services', 'one_stop_on_time'], { axisSoftMin: 85, axisSoftMax: 100 }],
  ['a share that shall be low', ['traffic', 'traffic_occupancy_15m'], { axisSoftMin: 0 }],
  ['a level of water', ['environment', 'river_level'], {}],
  ['a level of a reservoir', ['environment', 'reservoir_level'], {}],
  ['a count', ['citizens', 'report_in_process'], { axisSoftMin: 0 }],
] as const)('the axis of %s shows the range that matters', (_name, [board, id], limits) => {
  const chart = built
    .filter(({ name }) => name === board)
    .flatMap((one) => panelsOf(one.board))
    .find((panel) => panel.type === 'timeseries' && targetsOf(panel)[0]?.query.includes(`'${id}`))
  const { axisSoftMin, axisSoftMax } = chart?.fieldConfig?.defaults.custom ?? {}
  expect(JSON.parse(JSON.stringify({ axisSoftMin, axisSoftMax }))).toEqual(limits)
})

test('gives every board a uid of its own', () => {
  const names = boards.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})

test('is committed as it is generated', async () => {
  expect(differences()).toEqual([])
  const [first] = generate()
  expect(first?.[1].endsWith('}\n')).toBe(true)
  const run = promisify(execFile)(process.execPath, [join(import.meta.dirname, 'generate.ts'), '--check'])
  expect(await run).toMatchObject({ stderr: '' })
})

test('both languages of a board differ in words alone', () => {
  const queries = (board: Dashboard) => panelsOf(board).map((panel) => targetsOf(panel).map(({ query }) => query))
  for (const { name, build } of boards) {
    expect(queries(build('en')), name).toEqual(queries(build('vi')))
    expect(build('en').description, name).not.toBe(build('vi').description)
  }
})

test('knows the unit of every indicator and metric', () => {
  const metrics = Object.values(deviceTypes).flatMap((type) => Object.values<{ unit: string }>(type.metrics))
  for (const { unit } of [...declarations, ...metrics]) {
    for (const language of languages) expect(() => grafanaUnit(unit, language)).not.toThrow()
  }
  expect(grafanaUnit('1', 'vi', 'one_stop')).toBe('suffix: hồ sơ')
  expect(grafanaUnit('1', 'en', 'one_stop')).toBe('suffix: dossiers')
  expect(() => grafanaUnit('furlong', 'vi')).toThrow('no Grafana unit for "furlong"')
})

test('turns levels into thresholds, for high and for low', () => {
  const limits = { attention: 3, warning: 2, critical: 1 }
  expect(thresholdSteps({ direction: 'above', attention: 70, critical: 95 })).toEqual([
    { value: null, color: 'text' },
    { value: 70, color: 'yellow' },
    { value: 95, color: 'red' },
  ])
  expect(thresholdSteps({ direction: 'below', ...limits })).toEqual([
    { value: null, color: 'red' },
    { value: 1, color: 'orange' },
    { value: 2, color: 'yellow' },
    { value: 3, color: 'text' },
  ])
  expect(thresholdSteps(undefined)).toEqual([{ value: null, color: 'text' }])
})

test.each([
  [10, '10s'],
  [450, '450s'],
  [1800, '30m'],
  [21_600, '6h'],
  [86_400, '1d'],
])('%i seconds are %s', (count, text) => {
  expect(seconds(count)).toBe(text)
})
