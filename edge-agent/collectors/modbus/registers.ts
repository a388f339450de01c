/** The four tables of a Modbus device: two of 16-bit registers, two of bits. */
export const areas = ['holding', 'input', 'coil', 'discrete'] as const
export type Area = (typeof areas)[number]

export const formats = ['int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'float32', 'float64'] as const
export type Format = (typeof formats)[number]

/** Order of the bytes of a value on the wire, where ABCD is big-endian, as Modbus itself. */
export const byteOrders = ['ABCD', 'DCBA', 'BADC', 'CDAB'] as const
export type ByteOrder = (typeof byteOrders)[number]

const words: Readonly<Record<Format, number>> = {
  int16: 1,
  uint16: 1,
  int32: 2,
  uint32: 2,
  int64: 4,
  uint64: 4,
  float32: 2,
  float64: 4,
}

export function isBits(area: Area): boolean {
  return area === 'coil' || area === 'discrete'
}

/** Registers, or bits, of a value. */
export function sizeOf({ area, format }: { readonly area: Area; readonly format: Format }): number {
  return isBits(area) ? 1 : words[format]
}

/** Decodes a value from the bytes of its registers. A 64-bit integer is exact, as a bigint. */
export function decode(bytes: Buffer, format: Format, order: ByteOrder): number | bigint {
  const ordered = Buffer.from(bytes)
  // Both swaps together reverse all bytes.
  if (order === 'BADC' || order === 'DCBA') ordered.swap16()
  if (order === 'CDAB' || order === 'DCBA') reverseWords(ordered)
  switch (format) {
    case 'int16':
      return ordered.readInt16BE()
    case 'uint16':
      return ordered.readUInt16BE()
    case 'int32':
      return ordered.readInt32BE()
    case 'uint32':
      return ordered.readUInt32BE()
    case 'int64':
      return ordered.readBigInt64BE()
    case 'uint64':
      return ordered.readBigUInt64BE()
    case 'float32':
      return ordered.readFloatBE()
    case 'float64':
      return ordered.readDoubleBE()
    default:
      return format satisfies never
  }
}

function reverseWords(bytes: Buffer): void {
  const copy = Buffer.from(bytes)
  for (let at = 0; at < bytes.length; at += 2) copy.copy(bytes, bytes.length - 2 - at, at, at + 2)
}
