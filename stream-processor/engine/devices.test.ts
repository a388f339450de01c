import type { Birth } from '@ioc/contract/messages/status.ts'
import { expect, test } from 'vitest'
import { areaIn, createRegistry, describeDevice, takeStatus } from './devices.ts'

const birth = (session: number, area?: string): Birth => ({
  online: true,
  session,
  agent: { version: '1', host: 'h' },
  devices: [{ id: 'd' }],
  ...(area === undefined ? {} : { area }),
})

test("a device is in the area that its node's newest birth says, or in none", () => {
  const registry = createRegistry((_site, said) => said, 10)
  const [device] = takeStatus(registry, 's', 'n', birth(1))
  if (!device) throw new Error('the birth names a device')
  const area = () => describeDevice(registry, device).area
  expect(area()).toBeNull()
  takeStatus(registry, 's', 'n', birth(3, '24943'))
  expect(area()).toBe('24943')
  takeStatus(registry, 's', 'n', birth(2, '24931'))
  takeStatus(registry, 's', 'n', { online: false, session: 3 })
  expect(area()).toBe('24943')
  takeStatus(registry, 's', 'n', birth(4))
  expect(area()).toBeNull()
})

test('what the district says of a site goes before what its nodes say', () => {
  const registry = createRegistry((site, said) => (site === 'listed' ? '24931' : said), 10)
  for (const site of ['listed', 'other']) takeStatus(registry, site, 'n', birth(1, '24943'))
  expect(areaIn(registry, 'listed')).toBe('24931')
  expect(areaIn(registry, 'other')).toBe('24943')
})
