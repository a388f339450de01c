import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Board, Panel } from './shared/boards/board.ts'
import { unsupported, unsupportedOfPanel } from './shared/boards/supported.ts'

const grafana = join(import.meta.dirname, '../grafana')

const boards = ['provisioning/dashboards', 'english'].flatMap((folder) => {
  const path = join(grafana, folder)
  const files = readdirSync(grafana).includes('english') || folder !== 'english' ? readdirSync(path) : []
  return files.filter((name) => name.endsWith('.json')).map((name) => join(path, name))
})

test.each(boards)('the page draws every option of %s', (path) => {
  expect(unsupported(JSON.parse(readFileSync(path, 'utf8')) as Board)).toEqual([])
})

describe('an option that the page ignores is named', () => {
  const panel = (part: object): Panel =>
    ({ id: 1, type: 'timeseries', gridPos: { x: 0, y: 0, w: 1, h: 1 }, ...part }) as Panel
  const defaults = (part: object) => panel({ fieldConfig: { defaults: part, overrides: [] } })
  const override = (matcher: string, id: string, value: unknown) =>
    panel({
      fieldConfig: {
        defaults: {},
        overrides: [{ matcher: { id: matcher, options: 'x' }, properties: [{ id, value }] }],
      },
    })

  test.each<[Panel, string[]]>([
    [panel({}), []],
    [panel({ type: 'piechart' }), ['type']],
    [panel({ options: { legend: { showLegend: true, width: 3 } } }), ['options.legend.width']],
    [panel({ options: { legend: { calcs: ['lastNotNull', 'stdDev'] } } }), ['options.legend.calcs[1]']],
    [panel({ timeShift: '1d' }), ['timeShift']],
    [defaults({ custom: { drawStyle: 'candles' } }), ['fieldConfig.defaults.custom.drawStyle']],
    [defaults({ custom: { axisSoftMin: 0, stacking: { mode: 'normal', group: 'A' } } }), []],
    [defaults({ unit: 'furlong' }), ['fieldConfig.defaults.unit']],
    [defaults({ unit: 'suffix: hồ sơ' }), []],
    [override('byName', 'custom.hideFrom', { legend: true, tooltip: false, viz: true }), []],
    [override('byName', 'custom.lineStyle', { fill: 'waves' }), ['fieldConfig.overrides[0].custom.lineStyle']],
    [override('byValue', 'unit', 'percent'), ['fieldConfig.overrides[0].matcher.id']],
    [override('byName', 'unit', 'furlong'), ['fieldConfig.overrides[0].unit']],
    [panel({ transformations: [{ id: 'pivot', options: {} }] }), ['transformations[0].id']],
    [
      panel({ transformations: [{ id: 'organize', options: { renameByName: { a: 'b' }, sparkle: 1 } }] }),
      ['transformations[0].options.sparkle'],
    ],
    [panel({ type: 'text', options: { mode: 'html', content: '' } }), ['options.mode']],
    [panel({ type: 'row', collapsed: true, panels: [panel({ type: 'graph' })] }), ['panels[0].type']],
  ])('%#', (json, expected) => {
    expect(unsupportedOfPanel(json)).toEqual(expected)
  })

  test('of the board itself too', () => {
    const json = { uid: 'x', title: 'X', panels: [panel({ stack: true })], timezone: 'utc', snapshot: {}, rows: [1] }
    expect(unsupported(json as unknown as Board)).toEqual(['timezone', 'rows[0]', 'panels[0].stack'])
  })
})
