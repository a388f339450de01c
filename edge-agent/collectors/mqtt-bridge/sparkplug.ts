/** A metric of a Sparkplug B payload. */
export interface SparkplugMetric {
  /** Absent in data messages that use an alias. */
  readonly name: string | undefined
  readonly alias: bigint | undefined
  /** `undefined`: null, or of a kind that is no single value. */
  readonly value: number | bigint | string | boolean | undefined
}

export interface SparkplugPayload {
  /** Milliseconds since 1970, UTC. */
  readonly timestamp: number | undefined
  readonly metrics: readonly SparkplugMetric[]
}

/** Bits of the signed integer types of Sparkplug B (specification 3.0, section 6.4.16); their values are sent unsigned. */
const signedBits: Readonly<Record<number, number>> = { 1: 8, 2: 16, 3: 32, 4: 64 }

/**
 * Decodes a payload of Sparkplug B: the few fields of its protocol buffer that carry values, without the library for all of
 * the format.
 * @throws RangeError where it is truncated, or of another format
 */
export function decodeSparkplug(payload: Buffer): SparkplugPayload {
  let timestamp: number | undefined
  const metrics: SparkplugMetric[] = []
  for (const field of fieldsOf(payload)) {
    if (field.number === 1 && typeof field.value === 'bigint') timestamp = Number(field.value)
    if (field.number === 2 && Buffer.isBuffer(field.value)) metrics.push(decodeMetric(field.value))
  }
  return { timestamp, metrics }
}

function decodeMetric(bytes: Buffer): SparkplugMetric {
  let [name, alias, value]: [string?, bigint?, SparkplugMetric['value']?] = []
  let type = 0
  let isNull = false
  for (const { number, value: raw } of fieldsOf(bytes)) {
    if (typeof raw === 'bigint') {
      if (number === 2) alias = raw
      else if (number === 4) type = Number(raw)
      else if (number === 7) isNull = raw === 1n
      else if (number === 10 || number === 11) value = raw
      else if (number === 14) value = raw === 1n
    } else if (number === 1) name = raw.toString('utf8')
    else if (number === 12) value = raw.readFloatLE()
    else if (number === 13) value = raw.readDoubleLE()
    else if (number === 15) value = raw.toString('utf8')
  }
  const bits = signedBits[type]
  if (typeof value === 'bigint' && bits !== undefined) value = BigInt.asIntN(bits, value)
  return { name, alias, value: isNull ? undefined : value }
}

interface WireField {
  readonly number: number
  /** A varint, or the bytes of anything else. */
  readonly value: bigint | Buffer
}

/** The fields of a message of protocol buffers. */
function* fieldsOf(bytes: Buffer): Generator<WireField> {
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes.readUInt8(at)
      at += 1
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asUintN(64, value)
    }
    throw new RangeError('a varint has more than ten bytes')
  }
  const bytesOf = (length: number): Buffer => {
    if (at + length > bytes.length) throw new RangeError('the payload is truncated')
    at += length
    return bytes.subarray(at - length, at)
  }
  while (at < bytes.length) {
    const key = Number(varint())
    const number = key >> 3
    switch (key & 7) {
      case 0:
        yield { number, value: varint() }
        break
      case 1:
        yield { number, value: bytesOf(8) }
        break
      case 2:
        yield { number, value: bytesOf(Number(varint())) }
        break
      case 5:
        yield { number, value: bytesOf(4) }
        break
      default:
        throw new RangeError('not a protocol buffer')
    }
  }
}
