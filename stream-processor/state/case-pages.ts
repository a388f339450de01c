import type { AttributeValue } from '../engine/cases/attributes.ts'
import type { CaseVersion } from '../engine/cases/case-version.ts'

/** The cases of one type as states before version 9 kept them: rows of a fixed width in pages, and names by number. */
export interface CasePages {
  readonly attributes: readonly { readonly name: string; readonly kind: 'string' | 'number' | 'boolean' }[]
  /** What numbers in the rows stand for, by the name of the dictionary, in order. */
  readonly names: ReadonlyMap<string, readonly string[]>
  readonly pages: readonly CasePage[]
}

export interface CasePage {
  readonly page: number
  readonly bytes: Uint8Array
  /** Ids that do not fit into their row. */
  readonly ids: readonly (readonly [row: number, id: string])[]
}

const rowsPerPage = 128
/** Doubles of a row. */
const at = { opened: 0, due: 1, closed: 2, ts: 3 } as const
/** Whole numbers of 32 bits of a row, counted from its start. */
const intAt = { flags: 8, device: 12, area: 13, attributes: 16 } as const
const passed = 1
const used = 2
/** Bytes of the id, of which the first says its length, or that it is kept beside the page. */
const idBytes = 40
const elsewhere = 255

/** The cases in the pages, each with a number of its own. */
export function casesInPages({ attributes, names, pages }: CasePages): [number: number, version: CaseVersion][] {
  // Whole numbers come first, then doubles, then the id.
  let nextInt: number = intAt.attributes
  const small = attributes.map(({ kind }) => (kind === 'number' ? 0 : nextInt++))
  let nextDouble = Math.ceil(nextInt / 2)
  const columns = attributes.map(({ kind }, index) => (kind === 'number' ? nextDouble++ : (small[index] as number)))
  const idAt = nextDouble * 8
  const stride = nextDouble + idBytes / 8

  const devices = names.get('devices') ?? []
  const areas = [undefined, '+', ...(names.get('areas') ?? [])]
  const texts = attributes.map(({ name }) => [undefined, '+', ...(names.get(`attribute:${name}`) ?? [])])

  return pages.flatMap(({ page, bytes, ids }) => {
    // Copied, because saved bytes need not be aligned.
    const { buffer } = new Uint8Array(bytes)
    const doubles = new Float64Array(buffer)
    const ints = new Int32Array(buffer)
    const others = new Map(ids)

    const idOf = (row: number): string => {
      const start = row * stride * 8 + idAt
      const length = bytes[start] as number
      if (length === elsewhere) return others.get(page * rowsPerPage + row) as string
      return Buffer.from(bytes.subarray(start + 1, start + 1 + length)).toString('latin1')
    }
    const attributeOf = (row: number, index: number): AttributeValue | undefined => {
      const column = columns[index] as number
      const number = ints[row * stride * 2 + column] as number
      const double = doubles[row * stride + column] as number
      switch (attributes[index]?.kind) {
        case 'number':
          return Number.isNaN(double) ? undefined : double
        case 'boolean':
          return number === 0 ? undefined : number === 2
        default:
          return texts[index]?.[number]
      }
    }

    return Array.from({ length: rowsPerPage }, (_, row) => row).flatMap((row): [number, CaseVersion][] => {
      const int = (index: number) => ints[row * stride * 2 + index] as number
      const time = (index: number) => doubles[row * stride + index] as number
      if ((int(intAt.flags) & used) === 0) return []
      const [site = '', device = ''] = (devices[int(intAt.device)] ?? '').split('/')
      const version = {
        site,
        device,
        area: areas[int(intAt.area)],
        id: idOf(row),
        ts: time(at.ts),
        opened: time(at.opened),
        due: time(at.due),
        closed: time(at.closed),
        passed: (int(intAt.flags) & passed) !== 0,
        attributes: Object.fromEntries(attributes.map(({ name }, index) => [name, attributeOf(row, index)])),
      }
      return [[page * rowsPerPage + row, version]]
    })
  })
}
