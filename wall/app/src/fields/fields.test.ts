import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { FieldConfig, Panel, Target } from '../../../shared/boards/board.ts'
import type { Cell, QueryResult, QuerySeries } from '../../../shared/boards/panel-data.ts'
import type { CalcId } from '../../../shared/boards/supported.ts'
import type { Names } from './names.ts'

vi.stubGlobal('matchMedia', () => ({ matches: false }))
const { language } = await import('../preferences.ts')
const { reduce } = await import('./calcs.ts')
const { framesOfPanel } = await import('./pipeline.ts')
const { formatUnit } = await import('./units.ts')

beforeEach(() => {
  language.value = 'vi'
})

const known: Readonly<Record<string, string>> = {
  'da-ron': 'Đạ Ròn',
  'd-ran': 'D’Ran',
  'ho-1': 'Hồ Đơn Dương',
  cam: 'Cổng',
}
const names: Names = {
  tag: (tag, value, tags) => (tag === 'device' && tags['site'] !== 'ho-1' ? value : (known[value] ?? value)),
}

const series = (values: readonly (readonly Cell[])[], tags?: Record<string, string>, columns = ['time', 'value']) =>
  ({ name: 'indicator', columns, values, ...(tags && { tags }) }) satisfies QuerySeries
const target = (part: Partial<Target> = {}): Target => ({ refId: 'A', query: '', resultFormat: 'time_series', ...part })
const panel = (defaults: FieldConfig, part: Partial<Panel> = {}): Panel => ({
  id: 1,
  type: 'stat',
  gridPos: { x: 0, y: 0, w: 4, h: 4 },
  fieldConfig: { defaults, overrides: [] },
  targets: [target()],
  ...part,
})
const draw = (one: Panel, ...results: Partial<QueryResult>[]) =>
  framesOfPanel(one, { results: results.map((result) => ({ refId: 'A', series: [], ...result })) }, names)

/** The figure that one value is shown as. */
const shown = (value: Cell, config: FieldConfig) => {
  const [frame] = draw(panel(config), { series: [series([[0, value]])] })
  return frame?.fields[1]?.display(value)
}
const table = (frames: ReturnType<typeof draw>) =>
  frames.map(({ fields }) => Object.fromEntries(fields.map(({ title, values }) => [title, values])))

describe('a query becomes frames', () => {
  const perArea = [series([[9, 1]], { area: 'da-ron' }), series([[9, 2]], { area: 'd-ran' })]

  test('one for each series, called by its alias with the names of the district', () => {
    const frames = draw(panel({}, { targets: [target({ alias: 'Khí ở $tag_area' })] }), { series: perArea })
    expect(frames.map(({ name }) => name)).toEqual(['Khí ở Đạ Ròn', 'Khí ở D’Ran'])
    expect(frames[0]?.fields.map(({ title, kind, labels }) => [title, kind, labels])).toEqual([
      ['Time', 'time', {}],
      ['Khí ở Đạ Ròn', 'number', { area: 'da-ron' }],
    ])
  })

  test.each([
    ['$col', 'value'],
    ['$m, [[tag_area]]', 'indicator, Đạ Ròn'],
    ['$unknown', '$unknown'],
    [undefined, 'Đạ Ròn'],
  ])('under the alias %s it is called %s', (alias, expected) => {
    const one = panel({}, { targets: [target(alias === undefined ? {} : { alias })] })
    expect(draw(one, { series: perArea.slice(0, 1) })[0]?.name).toBe(expected)
  })

  test('a table has the time, the tags and the columns of all series', () => {
    const one = panel({}, { targets: [target({ resultFormat: 'table' })] })
    expect(table(draw(one, { series: perArea }))).toEqual([{ Time: [9, 9], area: ['da-ron', 'd-ran'], value: [1, 2] }])
  })

  test('a table shows names, and keeps the keys for links', () => {
    const one = panel({}, { targets: [target({ resultFormat: 'table' })] })
    const rows = [series([[0, 1]], { site: 'ho-1', device: 'cam' }), series([[0, 1]], { site: 'ubnd', device: 'p-1' })]
    const [frame] = draw(one, { series: rows })
    const texts = frame?.fields.map((field) => field.values.map((value) => field.display(value).text))
    expect(texts?.slice(1, 3)).toEqual([
      ['Hồ Đơn Dương', 'ubnd'],
      ['Cổng', 'p-1'],
    ])
    expect(frame?.fields[2]?.values).toEqual(['cam', 'p-1'])
  })

  test('an aggregate over the whole range has no time', () => {
    expect(table(draw(panel({}), { series: [series([[0, 7]])] }))).toEqual([{ Time: [null], 'indicator.value': [7] }])
  })

  test('a device that is called as its site is named once', () => {
    const one = panel({}, { targets: [target({ alias: '$tag_site · $tag_device' })] })
    const tags = (site: string, device: string) => ({ series: [series([[9, 1]], { site, device })] })
    expect(draw(one, tags('ho-1', 'ho-1'))[0]?.name).toBe('Hồ Đơn Dương')
    expect(draw(one, tags('ho-1', 'cam'))[0]?.name).toBe('Hồ Đơn Dương · Cổng')
  })

  test.each([
    ['Trạm thủy văn Ka Đơn', 'Trạm thủy văn sông, suối – Trạm thủy văn Ka Đơn', 'Trạm thủy văn Ka Đơn'],
    ['Camera Đạ Ròn', 'Nguồn điện và mạng của điểm – Camera Đạ Ròn', 'Camera Đạ Ròn'],
    ['Cột camera 1', 'Cột camera 1, làn trái', 'Cột camera 1, làn trái'],
    ['Chợ D’Ran', 'Camera cổng', 'Chợ D’Ran · Camera cổng'],
  ])('at the site %s the device %s is called %s', (site, device, expected) => {
    const one = panel({}, { targets: [target({ alias: '$tag_site · $tag_device' })] })
    const result = { refId: 'A', series: [series([[9, 1]], { site, device })] }
    const [frame] = framesOfPanel(one, { results: [result] }, { tag: (_tag, value) => value })
    expect(frame?.name).toBe(expected)
  })

  test('hidden queries and those without an answer draw nothing', () => {
    expect(draw(panel({}, { targets: [target({ hide: true })] }), { series: perArea })).toEqual([])
    expect(draw(panel({}), { series: [], error: 'timeout' })).toEqual([])
  })
})

describe('transformations', () => {
  const tables = [target({ resultFormat: 'table' }), target({ refId: 'B', resultFormat: 'table' })]
  const places = {
    refId: 'A',
    series: [
      series(
        [
          [0, 11.8],
          [0, 11.7],
        ],
        undefined,
        ['time', 'lat'],
      ),
    ],
  }
  const withSites = (values: readonly (readonly Cell[])[], columns: string[]) => [series(values, undefined, columns)]
  const sites = {
    series: withSites(
      [
        [1, 'a', 11.8],
        [1, 'b', 11.7],
      ],
      ['time', 'site', 'lat'],
    ),
  }
  const levels = {
    refId: 'B',
    series: withSites(
      [
        [2, 'b', 3],
        [2, 'c', 0],
      ],
      ['time', 'site', 'level'],
    ),
  }
  const apply = (...transformations: NonNullable<Panel['transformations']>) =>
    table(draw(panel({}, { targets: tables, transformations }), sites, levels))
  const join = (options: object = {}) => ({ id: 'joinByField', options: { byField: 'site', ...options } })

  test('joinByField makes a row for each value', () => {
    expect(apply(join())).toEqual([
      {
        site: ['a', 'b', 'c'],
        'Time 1': [1, 1, null],
        lat: [11.8, 11.7, null],
        'Time 2': [null, 2, 2],
        level: [null, 3, 0],
      },
    ])
    expect(apply(join({ mode: 'inner' }))).toEqual([
      { site: ['b'], 'Time 1': [1], lat: [11.7], 'Time 2': [2], level: [3] },
    ])
  })

  test('joinByField joins series by their time, in its order', () => {
    const one = panel(
      {},
      { targets: [target({ alias: '$tag_area' })], transformations: [{ id: 'joinByField', options: {} }] },
    )
    const frames = draw(one, {
      series: [
        series(
          [
            [2, 20],
            [3, 30],
          ],
          { area: 'x' },
        ),
        series(
          [
            [1, 1],
            [2, 2],
          ],
          { area: 'y' },
        ),
      ],
    })
    expect(table(frames)).toEqual([{ Time: [1, 2, 3], x: [null, 20, 30], y: [1, 2, null] }])
  })

  test('organize leaves out, orders and renames', () => {
    const organize = {
      id: 'organize',
      options: {
        excludeByName: { 'Time 1': true, 'Time 2': true },
        indexByName: { level: 0, site: 1 },
        renameByName: { site: 'Điểm' },
      },
    }
    const [result] = apply(join(), organize)
    expect(Object.keys(result ?? {})).toEqual(['level', 'Điểm', 'lat'])
  })

  test('merge puts rows together that agree in the shared fields', () => {
    const rows = (refId: string, time: number, column: string) => ({
      refId,
      series: withSites(
        [
          [time, 'a', 1],
          [time, 'b', 2],
        ],
        ['time', 'site', column],
      ),
    })
    const one = panel({}, { targets: tables, transformations: [{ id: 'merge', options: {} }] })
    expect(table(draw(one, rows('A', 5, 'x'), rows('B', 5, 'y')))).toEqual([
      { Time: [5, 5], site: ['a', 'b'], x: [1, 2], y: [1, 2] },
    ])
    expect(table(draw(one, rows('A', 5, 'x'), rows('B', 6, 'x')))).toEqual([
      { Time: [5, 5, 6, 6], site: ['a', 'b', 'a', 'b'], x: [1, 2, 1, 2] },
    ])
  })

  test('labelsToFields makes a table of series', () => {
    const one = panel(
      {},
      { targets: [target({ alias: 'mưa' })], transformations: [{ id: 'labelsToFields', options: {} }] },
    )
    const frames = draw(one, { series: [series([[1, 7]], { area: 'x' }), series([[1, 8]], { area: 'y' })] })
    expect(table(frames)).toEqual([{ Time: [1, 1], area: ['x', 'y'], mưa: [7, 8] }])
  })

  test('sortBy and limit keep the first rows', () => {
    const sort = { id: 'sortBy', options: { sort: [{ field: 'level', desc: true }] } }
    const limit = { id: 'limit', options: { limitField: 1 } }
    expect(apply({ id: 'merge', options: {} }, sort, limit)).toMatchObject([{ site: ['b'], level: [3] }])
  })

  test('a time without rows to join with stays as it is', () => {
    const one = panel({}, { targets: tables, transformations: [join()] })
    expect(table(draw(one, places))).toEqual([{ Time: [null, null], lat: [11.8, 11.7] }])
  })
})

test.each<[CalcId, Cell]>([
  ['lastNotNull', 4],
  ['last', null],
  ['firstNotNull', 1],
  ['first', null],
  ['mean', 3],
  ['max', 4],
  ['min', 1],
  ['sum', 9],
  ['count', 3],
  ['range', 3],
  ['diff', 3],
])('%s of [null, 1, 4, 4, null] is %s', (calc, expected) => {
  expect(reduce(calc, [null, 1, 4, 4, null])).toBe(expected)
  expect([null, 0]).toContain(reduce(calc, []))
})

describe('thresholds', () => {
  const steps = (mode: 'absolute' | 'percentage', ...values: [number | null, string][]): FieldConfig => ({
    thresholds: { mode, steps: values.map(([value, color]) => ({ value, color })) },
  })
  const above = steps('absolute', [null, 'text'], [70, 'yellow'], [85, 'orange'], [95, 'red'])
  const below = steps('absolute', [null, 'red'], [2, 'text'])

  test.each([
    [69.9, above, 0, undefined],
    [70, above, 1, 'var(--level-1)'],
    [94, above, 2, 'var(--level-2)'],
    [99, above, 3, 'var(--level-3)'],
    [1.9, below, 3, 'var(--level-3)'],
    [2, below, 0, undefined],
    [90, { ...steps('percentage', [null, 'green'], [80, 'semi-dark-orange']), min: 0, max: 100 }, 2, 'var(--level-2)'],
    [90, { ...steps('percentage', [null, 'green'], [80, 'orange']), min: 0, max: 200 }, 0, undefined],
    [99, { ...above, color: { mode: 'fixed', fixedColor: '#00e400' } }, 3, '#00e400'],
    [99, { ...above, color: { mode: 'palette-classic' } }, 3, undefined],
  ])('%f is of its level', (value, config, level, colour) => {
    expect(shown(value, config)).toMatchObject({ level })
    expect(shown(value, config)?.colour).toBe(colour)
  })
})

describe('mappings', () => {
  const mappings: FieldConfig['mappings'] = [
    { type: 'value', options: { '1': { text: 'Có kết nối' }, '0': { text: 'Mất kết nối', color: 'red' } } },
    { type: 'range', options: { from: 100, to: null, result: { color: '#ff7e00' } } },
    { type: 'special', options: { match: 'null', result: { text: 'chưa đo' } } },
    { type: 'special', options: { match: 'true', result: { text: 'đóng' } } },
  ]
  test.each<[Cell, object]>([
    [1, { text: 'Có kết nối', unit: '', level: 0 }],
    ['0', { text: 'Mất kết nối', colour: 'var(--level-3)', level: 3 }],
    [150, { text: '150', unit: '%', colour: '#ff7e00' }],
    [null, { text: 'chưa đo' }],
    [true, { text: 'đóng' }],
    [50, { text: '50,0', unit: '%' }],
  ])('%s is shown as %j', (value, expected) => {
    expect(shown(value, { unit: 'percent', mappings })).toMatchObject(expected)
  })

  test('without a value and a mapping, the panel may name what is shown', () => {
    expect(shown(null, {})?.text).toBe('–')
    expect(shown(null, { noValue: 'chưa có' })?.text).toBe('chưa có')
  })
})

describe('units', () => {
  test.each([
    [1234.56, 'none', undefined, '1.235', '1,235'],
    [1234.5, 'none', 1, '1.234,5', '1,234.5'],
    [7, 'short', undefined, '7', '7'],
    [42.04, 'percent', undefined, '42,0 %', '42.0 %'],
    [0.25, 'percentunit', undefined, '25,0 %', '25.0 %'],
    [1_500_000, 'decbytes', undefined, '1,5 MB', '1.5 MB'],
    [2_500, 'Bps', 0, '3 kB/s', '3 kB/s'],
    [90, 's', undefined, '1,5 phút', '1.5 min'],
    [172_800, 's', undefined, '2 ngày', '2 days'],
    [250, 'ms', undefined, '250 ms', '250 ms'],
    [90, 'm', undefined, '1,5 giờ', '1.5 h'],
    [0, 'm', undefined, '0 phút', '0 min'],
    [30, 'h', undefined, '30,0 giờ', '30.0 h'],
    [1.5, 'suffix: hồ sơ', undefined, '1,5 hồ sơ', '1.5 hồ sơ'],
    [3, 'suffix:/giờ', undefined, '3 /giờ', '3 /giờ'],
    [3, 'prefix:≈', undefined, '≈3', '≈3'],
    [2.5e9, 'currencyVND', undefined, '2,5 tỷ đồng', '2.5 bn VND'],
    [1042.042, 'lengthm', undefined, '1.042,04 m', '1,042.04 m'],
    [Date.UTC(2026, 10, 30, 7, 32, 5), 'dateTimeAsIso', undefined, '30/11/2026 14:32:05', '30/11/2026 14:32:05'],
  ])('%f in %s (%s decimals) is %s, in English %s', (value, unit, decimals, vietnamese, english) => {
    const text = () => {
      const { figure, unit: after } = formatUnit(value, unit, decimals)
      return `${figure} ${after}`.trim()
    }
    expect(text()).toBe(vietnamese)
    language.value = 'en'
    expect(text()).toBe(english)
  })
})

describe('overrides', () => {
  const override = (id: string, options: unknown, ...properties: [string, unknown][]) => ({
    matcher: { id, options },
    properties: properties.map(([property, value]) => ({ id: property, value })),
  })
  const configured = (...overrides: ReturnType<typeof override>[]) =>
    draw(
      panel(
        { unit: 'percent' },
        {
          targets: [target({ alias: '$tag_area' })],
          fieldConfig: { defaults: { unit: 'percent' }, overrides },
        },
      ),
      { series: [series([[0, 1]], { area: 'da-ron' })] },
    )[0]?.fields

  test.each([
    ['byName', 'Đạ Ròn', ['percent', 'volt']],
    ['byName', 'Value', ['percent', 'volt']],
    ['byName', 'Time', ['volt', 'percent']],
    ['byRegexp', '/^đạ/i', ['percent', 'volt']],
    ['byRegexp', 'Ròn', ['percent', 'volt']],
    ['byType', 'number', ['percent', 'volt']],
    ['byType', 'time', ['volt', 'percent']],
    ['byFrameRefID', 'A', ['volt', 'volt']],
    ['byFrameRefID', 'B', ['percent', 'percent']],
  ])('%s %s changes the fields that it names', (id, options, units) => {
    expect(configured(override(id, options, ['unit', 'volt']))?.map(({ config }) => config.unit)).toEqual(units)
  })

  test('a later one goes before an earlier one, and reaches into an option', () => {
    const [, value] =
      configured(
        override('byType', 'number', ['displayName', 'Một'], ['custom.hideFrom.legend', true], ['custom.width', 90]),
        // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana writes variables so
        override('byName', 'Đạ Ròn', ['displayName', 'Ở ${__field.labels.area}'], ['custom.hideFrom.tooltip', true]),
      ) ?? []
    expect(value?.title).toBe('Ở Đạ Ròn')
    expect(value?.config.custom).toEqual({ hideFrom: { legend: true, tooltip: true }, width: 90 })
  })

  test('links stay with their field', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana writes variables so
    const links = [{ title: 'Trạm', url: '/d/ioc-home?var-site=${__data.fields.site}' }]
    expect(configured(override('byName', 'Đạ Ròn', ['links', links]))?.[1]?.config.links).toBe(links)
  })
})
