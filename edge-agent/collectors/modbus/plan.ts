import { type Area, type Format, isBits, sizeOf } from './registers.ts'

/** Registers between two wanted ones that are read along, at most: a request costs more than they do. */
const maxHole = 50
/** Registers of one request, at most (Modbus Application Protocol 1.1b3, section 6.3). */
const maxRegisters = 125
/** Bits of one request, at most (section 6.1). */
const maxBits = 2_000

/** A register or bit to read. */
export interface Wanted {
  readonly address: number
  readonly area: Area
  readonly format: Format
}

/** One request, and what it reads. */
export interface Block<W extends Wanted> {
  readonly area: Area
  readonly address: number
  readonly length: number
  readonly wanted: readonly W[]
}

/** Merges the registers of one slave into as few requests as the limits allow. */
export function planBlocks<W extends Wanted>(wanted: readonly W[]): Block<W>[] {
  const groups: W[][] = []
  const sorted = wanted.toSorted((a, b) => (a.area === b.area ? a.address - b.address : a.area < b.area ? -1 : 1))
  for (const one of sorted) {
    const group = groups.at(-1)
    if (group && fits(group, one)) group.push(one)
    else groups.push([one])
  }
  return groups.map(blockOf)
}

function fits(group: readonly Wanted[], next: Wanted): boolean {
  const { area, address, length } = blockOf(group)
  if (next.area !== area || next.address - (address + length) > maxHole) return false
  return next.address + sizeOf(next) - address <= (isBits(area) ? maxBits : maxRegisters)
}

function blockOf<W extends Wanted>(wanted: readonly W[]): Block<W> {
  const [first] = wanted
  if (first === undefined) throw new RangeError('a block has at least one register')
  const end = Math.max(...wanted.map((one) => one.address + sizeOf(one)))
  return { area: first.area, address: first.address, length: end - first.address, wanted }
}

/** The two halves of a block that a slave refuses because of an address in it; `undefined` for a single register. */
export function splitBlock<W extends Wanted>({ wanted }: Block<W>): Block<W>[] | undefined {
  if (wanted.length < 2) return undefined
  const middle = Math.ceil(wanted.length / 2)
  return [blockOf(wanted.slice(0, middle)), blockOf(wanted.slice(middle))]
}
