import type { MapOptions } from '../../mapping/options.ts'

/** Columns beside the JSON pointers into a message: `topic:1` is the second level of its topic. */
export const deviceColumn = 'device'
export const timeColumn = 'time'
export const topicColumn = /^topic:(\d+)$/

/** A mapping of a subscription: a device and time that it does not declare follow from the message. */
export function mapOf(map: Omit<MapOptions, 'device'> & Partial<Pick<MapOptions, 'device'>>): MapOptions {
  return { ...map, device: map.device ?? { from: deviceColumn, optional: false } }
}
