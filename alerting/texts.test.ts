import type { ThingId } from '@ioc/contract/messages/incidents.ts'
import { expect, test } from 'vitest'
import { createGraph } from './graph.ts'
import { siteOf } from './testing/watch.ts'
import { titleOf } from './texts.ts'

const camera = {
  thing: 'device/ka-do/camera',
  parents: ['node/ka-do/n1'],
  name: 'Camera – ka-do',
  site: 'ka-do',
} as const
const graph = createGraph([...siteOf('ka-do', 1), camera])
const names = {
  indicator: (id: string) => (id === 'overdue' ? { vi: 'Hồ sơ quá hạn', en: 'Overdue files' } : undefined),
  area: (code: string) => (code === '24943' ? 'xã Ka Đô' : undefined),
}

test.each<[ThingId, string, string]>([
  ['indicator/overdue/district/district', 'Hồ sơ quá hạn vượt ngưỡng', 'Overdue files beyond the limit'],
  ['indicator/overdue/area/24943', 'Hồ sơ quá hạn vượt ngưỡng: xã Ka Đô', 'Overdue files beyond the limit: xã Ka Đô'],
  [
    'indicator/overdue/area/24943/%C4%90%E1%BA%A5t%20%C4%91ai',
    'Hồ sơ quá hạn vượt ngưỡng: xã Ka Đô, Đất đai',
    'Overdue files beyond the limit: xã Ka Đô, Đất đai',
  ],
  ['indicator/overdue/site/ka-do', 'Hồ sơ quá hạn vượt ngưỡng: ka-do', 'Overdue files beyond the limit: ka-do'],
  ['indicator/other/device/ka-do/d1', 'other vượt ngưỡng: d1 (ka-do)', 'other beyond the limit: d1 (ka-do)'],
  [
    'indicator/other/device/ka-do/camera',
    'other vượt ngưỡng: Camera – ka-do',
    'other beyond the limit: Camera – ka-do',
  ],
])('an incident of %s is called by names', (thing, vi, en) => {
  expect(titleOf(thing, 'level', 'warning', graph, names)).toEqual({ vi, en })
})
