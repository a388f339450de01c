import { describe, expect, test } from 'vitest'
import { createGraph, districtGraph } from './graph.ts'

const device = (site: string, name: string, node = 'n1') => ({
  ...{ site, node, device: name, type: 'air_quality', name: null, area: 'N1' },
})
const site = (name: string, area = 'N1') => ({ site: name, area, name: `Trạm ${name}`, kind: null })

describe('the graph of dependencies', () => {
  test('goes from births over sites and upstreams to the centre', () => {
    const upstreams = [
      { id: 'dien', name: 'Điện', sites: [], areas: ['N1'], on: [] },
      { id: 'cap', name: 'Cáp', sites: ['a'], areas: [], on: ['dien'] },
    ]
    const graph = districtGraph([device('a', 'd1'), device('b', 'd1')], [], [site('a', 'S1')], upstreams)
    expect(graph.parentsOf('device/a/d1')).toEqual(['node/a/n1'])
    expect(graph.parentsOf('site/a')).toEqual(['upstream/cap'])
    expect(graph.parentsOf('site/b')).toEqual(['upstream/dien'])
    expect(graph.parentsOf('upstream/cap')).toEqual(['upstream/dien'])
    expect(graph.isBelow('device/a/d1', 'centre/link')).toBe(true)
    expect(graph.isBelow('device/a/d1', 'node/b/n1')).toBe(false)
    expect(graph.factsOf('device/b/d1')).toMatchObject({ site: 'b', area: 'N1', tags: ['air_quality'] })
    expect(graph.factsOf('site/a').name).toBe('Trạm a')
  })

  test('keeps the two nodes that a device is connected to', () => {
    const graph = districtGraph([device('a', 'd1', 'n1'), device('a', 'd1', 'n2')], [], [], [])
    expect(graph.parentsOf('device/a/d1')).toEqual(['node/a/n1', 'node/a/n2'])
  })

  test.each([
    [[['site/a', 'site/a']], 'site/a → site/a'],
    [
      [
        ['site/a', 'site/b'],
        ['site/b', 'site/c'],
        ['site/c', 'site/b'],
      ],
      'site/b → site/c → site/b',
    ],
    [
      [
        ['site/x', 'site/b'],
        ['site/b', 'site/c'],
        ['site/c', 'site/d'],
        ['site/d', 'site/b'],
      ],
      'site/b → site/c → site/d → site/b',
    ],
  ] as const)('refuses a cycle and names it (%#)', (edges, cycle) => {
    const entries = edges.map(([thing, parent]) => ({ thing, parents: [parent] }))
    expect(() => createGraph(entries)).toThrow(expect.objectContaining({ code: 'DEPENDENCY_CYCLE' }))
    expect(() => createGraph(entries)).toThrow(cycle)
  })
})
