import type { Row } from './mapping.ts'

/** A JSON document as a row, whose columns are JSON pointers. */
export function jsonRow(document: unknown, label: string): Row {
  return { label, get: (pointer) => atPointer(document, pointer) }
}

/** The value that a JSON pointer (RFC 6901) names; `undefined` where there is none. Without a leading `/` it is a field name. */
export function atPointer(json: unknown, pointer: string): unknown {
  if (pointer === '') return json
  const tokens = pointer.startsWith('/') ? pointer.slice(1).split('/').map(unescapeToken) : [pointer]
  let value = json
  for (const token of tokens) {
    if (typeof value !== 'object' || value === null) return undefined
    if (Array.isArray(value) && !/^(0|[1-9]\d*)$/.test(token)) return undefined
    // What JavaScript itself knows of an object is not in the document.
    if (!Object.hasOwn(value, token)) return undefined
    value = (value as Record<string, unknown>)[token]
  }
  return value
}

/** RFC 6901, section 4: `~1` first, so that `~01` is `~1`. */
function unescapeToken(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~')
}
