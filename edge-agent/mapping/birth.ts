import type { DeviceBirth } from '@ioc/contract/messages/status.ts'

/** What an entry of a configuration declares of its device. */
interface DeclaredDevice {
  readonly device: string
  readonly type?: string
  readonly name?: string
  readonly lat?: number
  readonly lon?: number
}

export function birthOf({ device: id, type, name, lat, lon }: DeclaredDevice): DeviceBirth {
  const declared = Object.entries({ type, name, lat, lon }).filter(([, value]) => value !== undefined)
  return { id, ...Object.fromEntries(declared) }
}
