import type { DeviceBirth } from '@ioc/contract/messages/status.ts'

/** What an entry of a configuration declares of its device. */
type Declaration = { readonly [K in Exclude<keyof DeviceBirth, 'id'>]?: DeviceBirth[K] | undefined }

export function birthOf({ device: id, type, name, lat, lon }: Declaration & { readonly device: string }): DeviceBirth {
  return { id, ...declaredOf({ type, name, lat, lon }) }
}

/** The fields that are declared; the others are absent. */
export function declaredOf(declaration: Declaration): Omit<DeviceBirth, 'id'> {
  return Object.fromEntries(Object.entries(declaration).filter(([, value]) => value !== undefined))
}
