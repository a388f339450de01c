import { IocError } from '../errors.ts'
import { isSlug } from '../names.ts'
import { type Envelope, maxSeq } from './envelope.ts'
import { sentence, shown } from './problem.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })
/** What is no UTF-8 becomes U+FFFD: the rest of the payload can be read. */
const anyBytes = new TextDecoder('utf-8')

/**
 * Parses a payload as one JSON object. A byte order mark before it and NUL bytes after it, as buffers of firmware have
 * them, do no harm. `NaN` and `Infinity`, which JSON does not have but many senders write, are read as infinity: whoever
 * reads a number then says what is wrong with it.
 * @throws IocError PAYLOAD_NOT_JSON, PAYLOAD_INVALID
 */
export function parseJson(payload: Uint8Array): Record<string, unknown> {
  const json = parseAnyJson(payload)
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new IocError('PAYLOAD_INVALID', `the payload is ${shown(json)}; expected a JSON object`)
  }
  return json as Record<string, unknown>
}

/**
 * The same of any JSON.
 * @throws IocError PAYLOAD_NOT_JSON
 */
export function parseAnyJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(payload))
  } catch {
    return parseLenient(anyBytes.decode(payload))
  }
}

/** Strings, which stay as they are, or tokens in place of a number. */
const wordsOfNumbers = /"[^"\\]*(?:\\.[^"\\]*)*"|(-?)\b(?:nan|inf(?:inity)?)\b/gis

function parseLenient(text: string): unknown {
  const [beforeNul = ''] = text.split('\0', 1)
  try {
    // Beyond what a number can hold, which is how JSON spells infinity.
    return JSON.parse(
      beforeNul.replace(wordsOfNumbers, (match, sign) => (match.startsWith('"') ? match : `${sign}1e999`)),
    )
  } catch (cause) {
    throw new IocError('PAYLOAD_NOT_JSON', `the payload is not JSON in UTF-8: ${(cause as Error).message}`, { cause })
  }
}

/** Refuses a message of which nothing can be used. */
export function refuse(reasons: readonly string[]): never {
  throw new IocError('PAYLOAD_INVALID', sentence(reasons))
}

/** The number of a message that is refused for something else, so that its node's ledger knows that it has arrived. */
export function numberOf(payload: Uint8Array): Partial<Pick<Envelope, 'epoch' | 'seq'>> {
  try {
    const { epoch, seq, records } = parseJson(payload)
    // Of a flat payload they are values.
    if (!Array.isArray(records) || typeof epoch !== 'string' || !isSlug(epoch)) return {}
    return Number.isInteger(seq) && Number(seq) >= 1 && Number(seq) <= maxSeq ? { epoch, seq: seq as number } : {}
  } catch {
    return {}
  }
}
