import type { Birth } from '@ioc/contract/messages/status.ts'
import { expect, test } from 'vitest'
import { type AreaOf, areaIn, createRegistry, describeDevice, noQuotas, takeStatus } from './devices.ts'

const registryWith = (areaOf: AreaOf) =>
  createRegistry({ areaOf, maxAllDevices: 10, quotas: noQuotas, ownerSilentMs: 1_000 })

const birth = (session: number, area?: string): Birth => ({
  online: true,
  session,
  agent: { version: '1', host: 'h' },
  devices: [{ id: 'd' }],
  ...(area === undefined ? {} : { area }),
})

test('a device is in the area that the first birth named, until the district lists its site', () => {
  let listed: string | undefined
  const registry = registryWith((site, said) => (site === 's' ? (listed ?? said) : said))
  const node = { site: 's', node: 'n' }
  const [device] = takeStatus(registry, node, birth(1), 0).changed
  if (!device) throw new Error('the birth names a device')
  const area = () => describeDevice(registry, device).area
  expect(area()).toBeNull()
  expect(takeStatus(registry, node, birth(3, '24943'), 0).refusals).toEqual([])
  expect(area()).toBe('24943')
  for (const from of ['n', 'm']) {
    const { refusals } = takeStatus(registry, { site: 's', node: from }, { ...birth(4, '24931'), devices: [] }, 0)
    expect(refusals).toMatchObject([{ code: 'AREA_REFUSED', reason: expect.stringContaining('the site is in 24943') }])
  }
  takeStatus(registry, node, birth(5), 0)
  expect(area()).toBe('24943')
  listed = '24931'
  expect(area()).toBe('24931')
  expect(takeStatus(registry, node, birth(6, '24943'), 0).refusals).toMatchObject([{ code: 'AREA_REFUSED' }])
})

test('an area that the district does not know decides nothing, and is reported', () => {
  const registry = registryWith((_site, said) => (said === 'x' ? undefined : said))
  const node = { site: 's', node: 'n' }
  expect(takeStatus(registry, node, birth(1, 'x'), 0).refusals).toMatchObject([{ code: 'AREA_REFUSED' }])
  expect(takeStatus(registry, node, birth(2, '24943'), 0).refusals).toEqual([])
  expect(areaIn(registry, 's')).toBe('24943')
})

test('a birth with another cadence is a change of it; the first birth of a device is none', () => {
  const registry = registryWith(() => undefined)
  const changesOf = (session: number, type: string, cadence_s?: number) =>
    takeStatus(
      registry,
      { site: 's', node: 'n' },
      {
        ...birth(session),
        devices: [{ id: 'd', type, ...(cadence_s === undefined ? {} : { cadence_s }) }],
      },
      session,
    ).cadences.map(({ before_s, cadence_s: now_s }) => [before_s, now_s])
  expect(changesOf(1, 'weather', 1_800)).toEqual([])
  expect(changesOf(2, 'weather', 1_800)).toEqual([])
  expect(changesOf(3, 'weather', 60)).toEqual([[1_800, 60]])
  // Without one, it is that of the type.
  expect(changesOf(4, 'weather')).toEqual([[60, 600]])
  expect(changesOf(5, 'undeclared', 60)).toEqual([])
})

test("a former area's code and its successor's name the same area", () => {
  const registry = registryWith((_site, said) => (said === '24949' ? '24955' : said))
  const node = { site: 's', node: 'n' }
  takeStatus(registry, node, birth(1, '24949'), 0)
  expect(takeStatus(registry, node, birth(2, '24955'), 0).refusals).toEqual([])
  expect(areaIn(registry, 's')).toBe('24955')
})

test('what the district says of a site goes before what its nodes say', () => {
  const registry = registryWith((site, said) => (site === 'listed' ? '24931' : said))
  for (const site of ['listed', 'other']) takeStatus(registry, { site, node: 'n' }, birth(1, '24943'), 0)
  expect(areaIn(registry, 'listed')).toBe('24931')
  expect(areaIn(registry, 'other')).toBe('24943')
})
