import type { LiveIndicator } from '@ioc/contract/messages/live.ts'
import { describe, expect, test } from 'vitest'
import type { Board, Panel, Variable } from '../../../shared/boards/board.ts'
import type { Cell, PanelData, QueryResult, VariableOption } from '../../../shared/boards/panel-data.ts'
import { csvOf } from './export.ts'
import { sectionsOf } from './layout.ts'
import { textOf, urlOf } from './links.ts'
import { LiveTail, livePrefixes, seriesTags } from './live-merge.ts'
import { subjectOf } from './panel-data.ts'
import { choicesOf, choiceText, dependentOf, singleValues, variableQuery } from './variables.ts'

describe('the grid', () => {
  const panel = (id: number, x: number, y: number, w: number, h: number, part: Partial<Panel> = {}): Panel => ({
    id,
    type: 'stat',
    gridPos: { x, y, w, h },
    ...part,
  })
  const values: Readonly<Record<string, readonly string[]>> = { site: ['a', 'b', 'c'], one: ['x'], none: [] }
  const layout = (panels: readonly Panel[], toggled: readonly string[] = []) =>
    sectionsOf(
      panels,
      (name) => values[name] ?? [],
      (key) => toggled.includes(key),
    ).map(({ key, isCollapsed, height, panels: placed }) => ({
      key,
      isCollapsed,
      height,
      panels: placed.map(({ key: own, position: { x, y, w, h } }) => [own, x, y, w, h]),
    }))

  test('has the panels where the board puts them', () => {
    expect(layout([panel(2, 12, 0, 12, 4), panel(1, 0, 0, 12, 8)])).toEqual([
      {
        key: 'top',
        isCollapsed: false,
        height: 8,
        panels: [
          ['1', 0, 0, 12, 8],
          ['2', 12, 0, 12, 4],
        ],
      },
    ])
  })

  test('has a section for each row, which begins at its top', () => {
    const row = panel(9, 0, 4, 24, 1, { type: 'row', title: 'Chi tiết' })
    const sections = layout([panel(1, 0, 0, 24, 4), row, panel(2, 0, 5, 24, 6)])
    expect(sections.map(({ key, height, panels }) => [key, height, panels])).toEqual([
      ['top', 4, [['1', 0, 0, 24, 4]]],
      ['9', 6, [['2', 0, 0, 24, 6]]],
    ])
  })

  test('a collapsed row has its own panels, and opens', () => {
    const row = panel(9, 0, 0, 24, 1, { type: 'row', collapsed: true, panels: [panel(2, 0, 1, 24, 6)] })
    expect(layout([row])[0]).toMatchObject({ isCollapsed: true, panels: [['2', 0, 0, 24, 6]] })
    expect(layout([row], ['9'])[0]).toMatchObject({ isCollapsed: false })
  })

  test('a panel is repeated side by side, and what follows moves down', () => {
    const repeated = panel(1, 0, 0, 24, 4, { repeat: 'site', maxPerRow: 2 })
    expect(layout([repeated, panel(2, 0, 4, 24, 3)])[0]?.panels).toEqual([
      ['1/site=a', 0, 0, 12, 4],
      ['1/site=b', 12, 0, 12, 4],
      ['1/site=c', 0, 4, 12, 4],
      ['2', 0, 8, 24, 3],
    ])
  })

  test.each([
    [
      'v',
      'site',
      [
        ['1/site=a', 4, 0, 8, 4],
        ['1/site=b', 4, 4, 8, 4],
        ['1/site=c', 4, 8, 8, 4],
      ],
    ],
    ['h', 'one', [['1/one=x', 0, 0, 24, 4]]],
  ] as const)('repeated in direction %s for %s', (repeatDirection, repeat, expected) => {
    expect(layout([panel(1, 4, 0, 8, 4, { repeat, repeatDirection })])[0]?.panels).toEqual(expected)
  })

  test('a row is repeated with its panels', () => {
    const row = panel(9, 0, 0, 24, 1, { type: 'row', repeat: 'site' })
    expect(layout([row, panel(1, 0, 1, 6, 4)]).map(({ key, panels }) => [key, panels[0]?.[0]])).toEqual([
      ['9/site=a', '1/site=a'],
      ['9/site=b', '1/site=b'],
      ['9/site=c', '1/site=c'],
    ])
  })
})

const options: readonly VariableOption[] = [
  { value: '24943', text: 'Đơn Dương' },
  { value: '24946', text: 'Ka Đô' },
]

describe('variables', () => {
  const area: Variable = { name: 'area', type: 'query', query: '', multi: true, includeAll: true }
  const values = (variable: Partial<Variable>, query = '') => {
    const board = { templating: { list: [{ ...area, ...variable }] } } as unknown as Board
    return choicesOf(board, new URLSearchParams(query), { area: options })[0]?.values
  }
  test.each<[string, Partial<Variable>, string, readonly string[]]>([
    ['as the URL says', {}, 'var-area=24946', ['24946']],
    ['several', {}, 'var-area=24943&var-area=24946', ['24943', '24946']],
    ['one where only one may be', { multi: false }, 'var-area=24943&var-area=24946', ['24943']],
    ['all, as the URL says', {}, 'var-area=$__all', ['$__all']],
    ['all, as Grafana wrote it once', {}, 'var-area=All', ['$__all']],
    ['as the board says', { current: { value: '24946' } }, '', ['24946']],
    ['all where the board says nothing', {}, '', ['$__all']],
    ['the first one where "all" is not a choice', { includeAll: false }, '', ['24943']],
    ['a value that is not among the choices', {}, 'var-area=1', ['1']],
    ['a board that names one that is gone', { includeAll: false, current: { value: '1' } }, '', ['24943']],
    ['a constant', { type: 'constant', query: 'x' }, 'var-area=24946', ['x']],
    ['a text', { type: 'textbox', query: 'x' }, 'var-area=abc', ['abc']],
  ])('%s', (_name, variable, query, expected) => {
    expect(values(variable, query)).toEqual(expected)
  })

  test('those that depend on another one, also by way of a third, begin anew with it', () => {
    const variables = [
      { name: 'area', query: 'SHOW TAG VALUES FROM "system" WITH KEY = "area"' },
      { name: 'site', query: 'SHOW TAG VALUES FROM "system" WITH KEY = "site" WHERE "area" =~ /^$area$/' },
      { name: 'device', query: 'SHOW TAG VALUES FROM "system" WITH KEY = "device" WHERE "site" =~ /^$site$/' },
      { name: 'indicator', query: 'SHOW TAG VALUES FROM "$areas" WITH KEY = "id"' },
    ]
    expect(dependentOf('area', variables)).toEqual(['site', 'device'])
    expect(dependentOf('site', variables)).toEqual(['device'])
    expect(dependentOf('device', variables)).toEqual([])
    expect(dependentOf('indicator', variables)).toEqual([])
  })

  test('all are each of the choices, and read as such', () => {
    const choice = { variable: area, options, values: ['$__all'] }
    expect(singleValues(choice)).toEqual(['24943', '24946'])
    expect(choiceText(choice, 'Tất cả')).toBe('Tất cả')
    expect(choiceText({ ...choice, values: ['24946', '24943'] }, 'Tất cả')).toBe('Ka Đô, Đơn Dương')
    expect(variableQuery([choice], { area: '24946' })).toEqual([['var-area', '24946']])
  })
})

describe('links', () => {
  const scope = {
    choices: [
      { variable: { name: 'area', type: 'query', query: '' } as const, options, values: ['24943', '24946'] },
      { variable: { name: 'site', type: 'query', query: '' } as const, options: [], values: ['$__all'] },
    ],
    scoped: {},
    range: { from: 'now-6h', to: 'now' },
    all: 'Tất cả',
  }
  test.each([
    ['/d/ioc-home?var-area=$area', '/d/ioc-home?var-area=24943,24946'],
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: Grafana writes variables so
    ['/d/x?${area:queryparam}', '/d/x?var-area=24943&var-area=24946'],
    ['/d/x?${__url_time_range}', '/d/x?from=now-6h&to=now'],
    ['/d/x?${__all_variables}', '/d/x?var-area=24943&var-area=24946&var-site=%24__all'],
    ['/sites/${__field.labels.site}', '/sites/ho%20don-duong'],
    ['/sites/${__data.fields.site}', '/sites/ho%20don-duong'],
    ['/sites/${__data.fields["site"]}', '/sites/ho%20don-duong'],
    ['/sites/${__data.fields.missing}', '/sites/'],
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above
    ['/d/x?var-site=[[site]]', '/d/x?var-site=%24__all'],
    ['/d/x?cost=$5', '/d/x?cost=$5'],
  ])('%s leads to %s', (url, expected) => {
    expect(urlOf(url, scope, { site: 'ho don-duong' })).toBe(expected)
  })

  test('a title names what is chosen', () => {
    expect(textOf('Khí ở $area, $site', scope)).toBe('Khí ở Đơn Dương, Ka Đô, Tất cả')
    expect(textOf('Khí ở $area', { ...scope, scoped: { area: '24946' } })).toBe('Khí ở Ka Đô')
  })
})

describe('live values', () => {
  const minute = 60_000
  const live = (part: Partial<LiveIndicator>): LiveIndicator => ({
    id: 'aqi',
    scope: 'area',
    key: 'x',
    ts: 10 * minute,
    value: 7,
    level: 0,
    samples: 3,
    ...part,
  })
  const areaOf = (site: string) => ({ ho: 'x', dam: 'y' })[site]
  const asks = (part: object, chosen?: QueryResult['chosen']): QueryResult => ({
    refId: 'A',
    series: [],
    indicator: { id: 'aqi', scope: 'area', tags: {}, by: [], ...part },
    ...(chosen && { chosen }),
  })

  test.each<[string, QueryResult, Partial<LiveIndicator>, object | undefined]>([
    ['each area', asks({ by: ['area'] }), {}, { area: 'x' }],
    ['one area', asks({ tags: { area: 'x' } }), {}, {}],
    ['another area', asks({ tags: { area: 'y' } }), {}, undefined],
    ['areas that are chosen', asks({ tags: { area: '$area' }, by: ['area'] }, { area: ['x', 'z'] }), {}, { area: 'x' }],
    ['areas that are not', asks({ tags: { area: '$area' }, by: ['area'] }, { area: ['y', 'z'] }), {}, undefined],
    ['a mean of areas', asks({}), {}, undefined],
    ['the district', asks({ scope: 'district' }), { scope: 'district', key: 'district' }, {}],
    ['another indicator', asks({ id: 'pm' }), {}, undefined],
    ['another scope', asks({ scope: 'site' }), {}, undefined],
    [
      'sites of an area',
      asks({ scope: 'site', tags: { area: 'x' }, by: ['site'] }),
      { scope: 'site', key: 'ho' },
      { site: 'ho' },
    ],
    [
      'sites of another',
      asks({ scope: 'site', tags: { area: 'x' }, by: ['site'] }),
      { scope: 'site', key: 'dam' },
      undefined,
    ],
    ['a device', asks({ scope: 'device', tags: { site: 'ho', device: 'd' } }), { scope: 'device', key: 'ho/d' }, {}],
    [
      'devices of a site',
      asks({ scope: 'device', tags: { site: 'ho' }, by: ['device'] }),
      { scope: 'device', key: 'ho/d' },
      { device: 'd' },
    ],
    ['devices of any site', asks({ scope: 'device', by: ['device'] }), { scope: 'device', key: 'ho/d' }, undefined],
    [
      'groups',
      asks({ scope: 'district', by: ['group'] }),
      { scope: 'district', key: 'district', group: 'xe máy' },
      { group: 'xe máy' },
    ],
    [
      'a sum of groups',
      asks({ scope: 'district' }),
      { scope: 'district', key: 'district', group: 'xe máy' },
      undefined,
    ],
  ])('of %s belong to their series', (_name, result, value, expected) => {
    expect(seriesTags(result, live(value), areaOf)).toEqual(expected)
  })

  const history = 'SELECT mean("value") AS "value" FROM "indicator" GROUP BY time($__interval), "area" fill(none)'
  const panel = (query: string): Panel => ({
    id: 1,
    type: 'timeseries',
    gridPos: { x: 0, y: 0, w: 1, h: 1 },
    targets: [{ refId: 'A', query, resultFormat: 'time_series' }],
  })
  const data = (values: readonly [number, number][]): PanelData => ({
    from: 0,
    to: 10 * minute,
    interval_ms: minute,
    results: [
      {
        ...asks({ by: ['area'] }),
        series: [{ name: 'indicator', tags: { area: 'x' }, columns: ['time', 'value'], values }],
      },
    ],
  })
  const stored = data([
    [8 * minute, 5],
    [9 * minute, 6],
  ])
  const apply = (query: string, start: PanelData, ...values: Partial<LiveIndicator>[]) => {
    const tail = new LiveTail(panel(query), areaOf)
    for (const value of values) tail.add(start, live(value))
    return tail.applied(start).results[0]?.series.map(({ tags, values: rows }) => [tags?.['area'], rows])
  }

  test('follow the points of the store, one for each interval', () => {
    const values = apply(history, stored, {}, { ts: 10.5 * minute, value: 8 }, { ts: 11 * minute, value: 9 })
    expect(values).toEqual([
      [
        'x',
        [
          [8 * minute, 5],
          [9 * minute, 6],
          [10.5 * minute, 8],
          [11 * minute, 9],
        ],
      ],
    ])
  })

  test('of one day in Vietnam make one point, though UTC counts two', () => {
    const midnight = Date.parse('2026-11-30T00:00:00+07:00')
    const days = { ...data([]), from: midnight - 86_400_000, interval_ms: 86_400_000 }
    const at = (hours: number, value: number) => ({ ts: midnight + hours * 60 * minute, value })
    expect(apply(history, days, at(-1, 1), at(6, 2), at(8, 3))).toEqual([
      [
        'x',
        [
          [midnight - 60 * minute, 1],
          [midnight + 8 * 60 * minute, 3],
        ],
      ],
    ])
  })

  test('of a day that the store has take the place of its value', () => {
    const midnight = Date.parse('2026-11-30T00:00:00+07:00')
    const daily = history.replace('time($__interval)', 'time($__interval, 1ms)')
    const day = 24 * 60 * minute
    const days = {
      ...data([
        [midnight - day + 1, 4],
        [midnight + 1, 5],
      ]),
      from: midnight - day,
      interval_ms: day,
    }
    const at = (hours: number, value: number) => ({ ts: midnight + hours * 60 * minute, value })
    expect(apply(daily, days, at(15, 6))).toEqual([
      [
        'x',
        [
          [midnight - day + 1, 4],
          [midnight + 1, 6],
        ],
      ],
    ])
    expect(apply(daily, days, at(30, 7))).toEqual([
      [
        'x',
        [
          [midnight - day + 1, 4],
          [midnight + 1, 5],
          [midnight + 30 * 60 * minute, 7],
        ],
      ],
    ])
  })

  test('from before the time range are left out', () => {
    const latest = 'SELECT last("value") AS "value" FROM "indicator" GROUP BY "area"'
    const later = { ...data([]), from: 12 * minute, to: 20 * minute }
    expect(apply(latest, later, {})).toEqual([['x', []]])
    expect(apply(latest, later, { key: 'neu' })).toEqual([['x', []]])
    expect(apply(history, later, {}, { ts: 13 * minute, value: 8 })).toEqual([['x', [[13 * minute, 8]]]])
  })

  test('that the store already has, or that were retracted, change nothing', () => {
    expect(apply(history, stored, { ts: 9 * minute })).toEqual([
      [
        'x',
        [
          [8 * minute, 5],
          [9 * minute, 6],
        ],
      ],
    ])
    expect(apply(history, stored, { samples: 0 })).toEqual([
      [
        'x',
        [
          [8 * minute, 5],
          [9 * minute, 6],
        ],
      ],
    ])
  })

  test('of a new series make one', () => {
    expect(apply(history, stored, { key: 'neu' })).toEqual([
      [
        'x',
        [
          [8 * minute, 5],
          [9 * minute, 6],
        ],
      ],
      ['neu', [[10 * minute, 7]]],
    ])
  })

  test('replace the newest value where only that is asked for', () => {
    const latest = 'SELECT last("value") AS "value" FROM "indicator" GROUP BY "area"'
    expect(apply(latest, data([[9 * minute, 6]]), {}, { ts: 10.5 * minute, value: 8 })).toEqual([
      ['x', [[10.5 * minute, 8]]],
    ])
    expect(apply(latest, data([[11 * minute, 6]]), {})).toEqual([['x', [[11 * minute, 6]]]])
  })

  test('of a place that is no longer there go with it', () => {
    const tail = new LiveTail(panel(history), areaOf)
    tail.add(stored, live({ key: 'neu' }))
    expect(tail.remove(stored, 'indicator/aqi/area/other')).toBe(false)
    expect(tail.remove(stored, 'indicator/aqi/area/neu')).toBe(true)
    expect(tail.applied(stored)).toEqual(stored)
  })

  test.each([
    ['an area', asks({ tags: { area: 'x' } }), 'indicator/aqi/area/x'],
    ['several areas', asks({ tags: { area: '$area' } }, { area: ['x', 'y'] }), 'indicator/aqi/area'],
    ['a device', asks({ scope: 'device', tags: { site: 'ho', device: 'd' } }), 'indicator/aqi/device/ho/d'],
    [
      'the devices of a site',
      asks({ scope: 'device', tags: { site: 'ho' }, by: ['device'] }),
      'indicator/aqi/device/ho',
    ],
    ['a device of any site', asks({ scope: 'device', tags: { device: 'd' } }), 'indicator/aqi/device'],
    ['the sites of an area', asks({ scope: 'site', tags: { area: 'x' }, by: ['site'] }), 'indicator/aqi/site'],
    ['a value that is no name', asks({ tags: { area: 'x/../#' } }), 'indicator/aqi/area'],
  ])('come from the topics of %s alone', (_name, result, expected) => {
    expect(livePrefixes([result])).toEqual([expected])
  })

  test('come from the topics of the indicators, each once', () => {
    expect(
      livePrefixes([asks({}), asks({ by: ['area'] }), asks({ scope: 'site' }), { refId: 'B', series: [] }]),
    ).toEqual(['indicator/aqi/area', 'indicator/aqi/site'])
  })
})

test('a request is about the same at each width and time, and another of another place', () => {
  const url = (width: number, area: string) => subjectOf(`/api/x?from=now-6h&to=now&width=${width}&var-area=${area}`)
  expect(url(300, 'x')).toBe(url(1_200, 'x'))
  expect(url(300, 'x')).not.toBe(url(300, 'y'))
})

test('CSV has series side by side, names in place of codes, and is no formula', () => {
  const field = (name: string, kind: 'time' | 'number' | 'string', values: (number | string | null)[]) => ({
    name,
    title: name,
    kind,
    labels: {},
    values,
    config: {},
    display: (value: Cell) => ({ text: value === '24943' ? 'Ka Đô' : String(value), unit: '%', level: 0 as const }),
  })
  const frame = (name: string, times: number[], values: number[]) => ({
    refId: 'A',
    name,
    fields: [field('Time', 'time', times), field(name, 'number', values)],
  })
  expect(csvOf([frame('A', [0, 1000], [1, 2]), frame('B', [1000], [3])])).toBe(
    'Time,A,B\r\n1970-01-01T00:00:00.000Z,1,\r\n1970-01-01T00:00:01.000Z,2,3',
  )
  const table = { refId: 'A', name: 't', fields: [field('Tên, gọi', 'string', ['=1+1', 'a "b"', null])] }
  expect(csvOf([table])).toBe('"Tên, gọi"\r\n\'=1+1\r\n"a ""b"""\r\n')
  const areas = { refId: 'A', name: 't', fields: [field('Xã', 'string', ['24943']), field('PM2.5', 'number', [24943])] }
  expect(csvOf([areas])).toBe('Xã,PM2.5\r\nKa Đô,24943')
})
