/** What an operator asks for by `ioc type`: one of the two. */
export interface TypeRequest {
  readonly remove?: string
  readonly restore?: string
}

/** Parses a payload of `typeControlTopic`; `undefined` where it asks for neither or both. */
export function readTypeRequest(payload: Uint8Array): TypeRequest | undefined {
  let request: unknown
  try {
    request = JSON.parse(Buffer.from(payload).toString())
  } catch {
    return undefined
  }
  if (typeof request !== 'object' || request === null) return undefined
  const { remove, restore } = request as Partial<Record<'remove' | 'restore', unknown>>
  if (typeof remove === 'string' && restore === undefined) return { remove }
  return typeof restore === 'string' && remove === undefined ? { restore } : undefined
}
