import { collectedOf } from '../../mapping/collected.ts'
import { Mapping } from '../../mapping/mapping.ts'
import { atPointer, jsonRow } from '../../mapping/pointer.ts'
import type { Collected, Collector } from '../collector.ts'
import type { HttpJsonOptions } from './kind.ts'

/** The largest answer that is read, in bytes. */
const maxBytes = 1_048_576

/** Polls a web service that answers JSON. An answer that did not change since the last one is no new measurement. */
export function createHttpJsonCollector({ url, headers = {}, records, map }: HttpJsonOptions): Collector {
  const mapping = new Mapping(map)
  /** Validators of the last answer that was used (RFC 9110, section 13.1). */
  let validators: Record<string, string> = {}
  return {
    devices: () => mapping.devices(),
    async collect(signal): Promise<Collected> {
      const response = await fetch(url, {
        headers: { accept: 'application/json', ...headers, ...validators },
        // A redirection would carry the headers to a place that nobody configured.
        redirect: 'manual',
        signal,
      })
      if (response.status === 304) {
        await response.body?.cancel()
        return {}
      }
      if (!response.ok) {
        await response.body?.cancel()
        const location = response.headers.get('location')
        const target = location === null ? '' : ` to ${location}; configure that URL`
        throw new Error(`the server answered ${response.status} ${response.statusText}${target}`)
      }
      const document = parse(await readText(response))
      const list = records === undefined ? [document] : atPointer(document, records)
      if (!Array.isArray(list)) throw new Error(`no list of records at ${records}`)
      const rows = list.map((record: unknown, index) => jsonRow(record, `record ${index + 1}`))
      return {
        ...collectedOf(mapping.map(rows, { ts: Date.now(), decimal: '.' })),
        async commit() {
          validators = validatorsOf(response.headers)
        },
      }
    },
  }
}

function validatorsOf(headers: Headers): Record<string, string> {
  const etag = headers.get('etag')
  const modified = headers.get('last-modified')
  return {
    ...(etag === null ? {} : { 'if-none-match': etag }),
    ...(modified === null ? {} : { 'if-modified-since': modified }),
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  // Leaving the loop cancels the body.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw new Error(`the answer is larger than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return new TextDecoder().decode(Buffer.concat(chunks))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`the answer is not JSON: ${(error as Error).message}`)
  }
}
