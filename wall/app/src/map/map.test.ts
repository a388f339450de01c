import { describe, expect, test } from 'vitest'
import { placeLabels } from './labels.ts'
import { boundsOf, cameraAround, project, zoomOf } from './mercator.ts'
import { clusters, type MapPlace, worstFirst } from './places.ts'
import { mapStyle } from './style.ts'

const size = { width: 800, height: 600 }
const place = (key: string, lon: number, lat: number, change: Partial<MapPlace> = {}): MapPlace => ({
  ...{ key, site: key, name: key, kind: 'site', area: undefined, level: 0, silent: false, lon, lat },
  ...change,
})

describe('the camera', () => {
  test('that shows some bounds keeps a margin on the tighter side, and the centre in the middle', () => {
    const bounds = { west: 108.4, south: 11.6, east: 108.7, north: 11.7 }
    const camera = cameraAround(bounds, size, 50, 20)
    expect(project(camera, size, { lon: 108.4, lat: 11.65 }).x).toBeCloseTo(50)
    expect(project(camera, size, { lon: 108.7, lat: 11.65 }).x).toBeCloseTo(750)
    const [top, bottom] = [bounds.north, bounds.south].map((lat) => project(camera, size, { lon: 108.5, lat }).y)
    expect((top ?? 0) + (bottom ?? 0)).toBeCloseTo(600)
    expect(top).toBeLessThan(bottom ?? 0)
  })

  test('comes no closer to a single place than its limit', () => {
    const bounds = boundsOf([{ lon: 108.5, lat: 11.7 }])
    if (!bounds) throw new Error('one place has bounds')
    expect(zoomOf(cameraAround(bounds, size, 20, 13))).toBeCloseTo(13)
    expect(boundsOf([])).toBeUndefined()
  })
})

describe('places that are close to each other', () => {
  const camera = { lon: 108.5, lat: 11.7, worldPx: 512 * 2 ** 11 }
  const near = [place('b', 108.5, 11.7), place('a', 108.5005, 11.7), place('c', 108.55, 11.7)]

  test('are one group, with the worst first and at its position', () => {
    const bad = place('z', 108.5003, 11.7, { level: 2 })
    const groups = clusters([...near, bad].sort(worstFirst), camera, size, 20)
    expect(groups.map(({ places }) => places.map(({ key }) => key))).toEqual([['z', 'a', 'b'], ['c']])
    expect(groups[0]).toMatchObject(project(camera, size, bad))
  })

  test('are in the same groups wherever the map is moved to', () => {
    const all = Array.from({ length: 60 }, (_, index) =>
      place(`p${index}`, 108.4 + ((index * 37) % 60) / 300, 11.6 + ((index * 17) % 60) / 300),
    )
    const keysAt = (lon: number) =>
      clusters(all, { ...camera, lon }, size, 25).map(({ places }) => places.map(({ key }) => key).join())
    for (const lon of [108.41, 108.47, 108.533]) expect(keysAt(lon)).toEqual(keysAt(108.5))
  })

  test('count silent ones before normal ones, and after those with a level', () => {
    const all = [place('ok', 0, 0), place('quiet', 0, 0, { silent: true }), place('low', 0, 0, { level: 1 })]
    expect(all.sort(worstFirst).map(({ key }) => key)).toEqual(['low', 'quiet', 'ok'])
  })
})

describe('labels', () => {
  const widthOf = (text: string) => text.length * 10
  const label = (key: string, x: number, y: number) => ({ key, text: key, x, y, gapPx: 10 })

  test('stand to the right of their points, to the left where there is no room, and are left out where there is none', () => {
    const placed = placeLabels([label('right', 100, 100), label('wide', 780, 300)], [], widthOf, 10, size)
    expect(placed).toMatchObject([
      { key: 'right', x: 110, y: 100 },
      { key: 'wide', x: 730, y: 300 },
    ])
    expect(placeLabels([label('x'.repeat(90), 400, 300)], [], widthOf, 10, size)).toEqual([])
  })

  test('cover neither each other nor a point', () => {
    const points = [{ x: 125, y: 100, radiusPx: 8 }]
    const [first, second] = placeLabels([label('abc', 100, 100), label('def', 100, 104)], points, widthOf, 10, size)
    expect(first).toMatchObject({ x: 60 })
    expect(second?.x).not.toBe(first?.x)
  })
})

describe('the style of the ground', () => {
  const outline = {
    type: 'Feature' as const,
    properties: { code: 'N1' },
    geometry: {
      type: 'Polygon' as const,
      coordinates: [
        [
          [0, 0],
          [1, 0],
          [1, 1],
          [0, 0],
        ],
      ],
    },
  }
  const colours = {
    ...{ ground: '#111111', area: '#222222', outline: '#333333', water: '#444444', wood: '#555555', road: '#666666' },
    levels: ['#aaaaaa', '#bbbbbb', '#cccccc'] as const,
  }

  test('asks nothing of anyone: no glyphs, no sprite, and no source but the outlines', () => {
    const style = mapStyle([outline], () => 2, colours, undefined, 16)
    expect(style.glyphs).toBeUndefined()
    expect(style.sprite).toBeUndefined()
    expect(Object.keys(style.sources)).toEqual(['outlines'])
    expect(style.layers.filter(({ type }) => type === 'symbol')).toEqual([])
    expect(style.sources['outlines']).toMatchObject({ data: { features: [{ properties: { code: 'N1', level: 2 } }] } })
  })

  test.each(['vector', 'raster'] as const)('draws a %s base map below the outlines', (kind) => {
    const style = mapStyle([outline], () => 0, colours, { url: 'pmtiles://x', kind }, 16)
    expect(style.sources['base']).toMatchObject({ type: kind, url: 'pmtiles://x' })
    const ids = style.layers.map((layer) => ('source' in layer ? layer.source : layer.id))
    expect(ids.indexOf('base')).toBeGreaterThan(ids.indexOf('outlines'))
    expect(ids.lastIndexOf('base')).toBeLessThan(ids.lastIndexOf('outlines'))
  })
})
