import { undeclared } from '@ioc/contract/device-types/table.ts'
import type { LiveDevice } from '@ioc/contract/messages/live.ts'
import type { LiveNode } from './live-frame.ts'

/** Whether each node is connected, by `site/node`: as its birth or will says, else as its devices do. */
export function nodeConnections(
  nodes: Iterable<Pick<LiveNode, 'site' | 'node' | 'online'>>,
  devices: Iterable<Pick<LiveDevice, 'site' | 'node' | 'online'>>,
): Map<string, boolean> {
  const connections = new Map<string, boolean>()
  for (const { site, node, online } of devices) {
    const key = `${site}/${node}`
    connections.set(key, online || (connections.get(key) ?? false))
  }
  for (const { site, node, online } of nodes) connections.set(`${site}/${node}`, online)
  return connections
}

/**
 * The devices that there are. A device that also sent a value of no declared type has an entry of its own for it; that is
 * no second device, and it is not silent when such a value does not come again.
 */
export function fleetDevices<T extends Pick<LiveDevice, 'site' | 'device' | 'type'>>(entries: Iterable<T>): T[] {
  const all = [...entries]
  const declared = new Set(all.flatMap((entry) => (entry.type === undeclared ? [] : [deviceKey(entry)])))
  return all.filter((entry) => entry.type !== undeclared || !declared.has(deviceKey(entry)))
}

/** `site/device` */
export function deviceKey({ site, device }: Pick<LiveDevice, 'site' | 'device'>): string {
  return `${site}/${device}`
}
