import type Type from 'typebox'
import type { Validator } from 'typebox/compile'
import { IocError } from '../errors.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Parses a payload as one JSON object in UTF-8.
 * @throws IocError PAYLOAD_NOT_JSON
 */
export function parseJson(payload: Uint8Array): Record<string, unknown> {
  let json: unknown
  try {
    json = JSON.parse(utf8.decode(payload))
  } catch (cause) {
    throw new IocError('PAYLOAD_NOT_JSON', `not JSON in UTF-8: ${(cause as Error).message}`, { cause })
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new IocError('PAYLOAD_INVALID', 'expected a JSON object')
  }
  return json as Record<string, unknown>
}

/**
 * Returns `json` typed by the validator's schema.
 * @throws IocError PAYLOAD_INVALID with the place and the reason of the first fault
 */
export function requireValid<T extends Type.TSchema>(
  validator: Validator<Type.TProperties, T>,
  json: unknown,
): Type.Static<T> {
  if (validator.Check(json)) return json as Type.Static<T>
  const [first] = validator.Errors(json)
  throw new IocError('PAYLOAD_INVALID', first ? `${first.instancePath || '/'}: ${first.message}` : 'of the wrong shape')
}
