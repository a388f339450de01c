import { type LogRecord, type RecordKind, recordCodes } from './ingest-log.ts'

const kindByCode: ReadonlyMap<number, RecordKind> = new Map(
  Object.entries(recordCodes).map(([kind, code]) => [code, kind as RecordKind]),
)

/**
 * A batch as bytes: for each record, little-endian, `kind u8 · siteLength u8 · nodeLength u8 · 0 u8 · arrival f64 ·
 * payloadLength u32 · site · node · payload`. Names are slugs, so ASCII of at most 64 bytes.
 */
const headBytes = 16

export function encodedBytes(record: LogRecord): number {
  return headBytes + record.site.length + record.node.length + record.payload.byteLength
}

export function encodeBatch(records: readonly LogRecord[]): Buffer {
  const buffer = Buffer.allocUnsafe(records.reduce((sum, record) => sum + encodedBytes(record), 0))
  let at = 0
  for (const record of records) {
    buffer[at] = recordCodes[record.kind]
    buffer[at + 1] = record.site.length
    buffer[at + 2] = record.node.length
    buffer[at + 3] = 0
    buffer.writeDoubleLE(record.arrival, at + 4)
    buffer.writeUInt32LE(record.payload.byteLength, at + 12)
    at += headBytes
    at += buffer.write(record.site, at, 'latin1')
    at += buffer.write(record.node, at, 'latin1')
    buffer.set(record.payload, at)
    at += record.payload.byteLength
  }
  return buffer
}

/** The records of a batch. Payloads are views into `buffer`, which must not be changed afterwards. */
export function decodeBatch(buffer: Buffer): LogRecord[] {
  const records: LogRecord[] = []
  let at = 0
  while (at < buffer.length) {
    const code = buffer.readUInt8(at)
    const kind = kindByCode.get(code)
    if (kind === undefined) throw new Error(`unknown record kind ${code}: the log was written by a newer version`)
    const site = at + headBytes
    const node = site + buffer.readUInt8(at + 1)
    const payload = node + buffer.readUInt8(at + 2)
    const end = payload + buffer.readUInt32LE(at + 12)
    records.push({
      kind,
      site: buffer.toString('latin1', site, node),
      node: buffer.toString('latin1', node, payload),
      arrival: buffer.readDoubleLE(at + 4),
      payload: buffer.subarray(payload, end),
    })
    at = end
  }
  return records
}
