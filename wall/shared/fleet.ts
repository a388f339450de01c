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
