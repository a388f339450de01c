import { expect, test } from 'vitest'
import type { Cell } from '../../../../shared/boards/panel-data.ts'
import type { Field, Frame } from '../../fields/frame.ts'
import { placesOfFrames, positionsOfFrames } from './frame-places.ts'

const field = (name: string, values: readonly Cell[], labels: Record<string, string> = {}): Field => ({
  ...{ name, title: name, kind: 'number', labels, values, config: {} },
  display: (value) => ({
    text: String(value ?? ''),
    unit: 'mm',
    level: typeof value === 'number' && value > 20 ? 2 : 0,
  }),
})
const frame = (...fields: readonly Field[]): Frame => ({ refId: 'A', name: 'place', fields })

test('each row of a joined table is a place, with the level that its column says', () => {
  const joined = frame(
    field('site', ['a', 'b', 'c']),
    field('name', ['Trạm A', 'Trạm B', null]),
    field('lat', [11.7, 11.8, null]),
    field('lon', [108.4, 108.5, 108.6]),
    field('level', [0, 3, 1]),
  )
  expect(placesOfFrames([joined])).toMatchObject([
    { key: 'a', name: 'Trạm A', lat: 11.7, lon: 108.4, level: 0 },
    { key: 'b', name: 'Trạm B', level: 3 },
  ])
})

test('series with labels are places, and a value is shown with the level of its threshold', () => {
  const series = (site: string, value: number) =>
    frame(
      ...['lat', 'lon', 'value'].map((name, at) =>
        field(name, [[11.7, 108.4, value][at] ?? null], { site, area: '24931' }),
      ),
    )
  expect(placesOfFrames([series('a', 3), series('b', 30)])).toMatchObject([
    { key: 'a', area: '24931', level: 0, note: '3 mm' },
    { key: 'b', level: 2, note: '30 mm' },
  ])
})

test('of two rows of one place the worse counts; devices are places of their own, cameras drawn as such', () => {
  const rows = frame(
    field('site', ['a', 'a', 'a']),
    field('device', ['', '', 'cam']),
    field('type', [null, null, 'camera']),
    field('lat', [11.7, 11.7, 11.9]),
    field('lon', [108.4, 108.4, 108.4]),
    field('level', [1, 2, 0]),
  )
  expect(placesOfFrames([rows])).toMatchObject([
    { key: 'a', level: 2, kind: 'site' },
    { key: 'a/cam', level: 0, kind: 'camera' },
  ])
  expect([...positionsOfFrames([rows])]).toMatchObject([['a', { lat: 11.7, lon: 108.4 }]])
})

test('without coordinates there is no place', () => {
  expect(placesOfFrames([frame(field('site', ['a']), field('level', [1])), frame()])).toEqual([])
})
