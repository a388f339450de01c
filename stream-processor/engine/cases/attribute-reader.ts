import type { AttributeColumn, OnOther } from './attribute-columns.ts'
import type { CaseClaim } from './case-point.ts'
import type { Rows } from './rows.ts'

/**
 * Writes the attributes of a case into the row that starts at `at` of a page, in whole numbers. At `likeAt` of another
 * page starts the row that most likely is that of the case.
 */
export type AttributeReader = (
  one: CaseClaim['case'],
  ints: Int32Array,
  doubles: Float64Array,
  at: number,
  likeInts: Int32Array,
  likeAt: number,
  onOther: OnOther,
) => void

/**
 * Makes the reader from text, a line for each column: a loop over their names would look each of them up anew for every
 * case, where here each line knows from last time where in a case its attribute stands, and which column it is for. Names
 * are those that the type declares, never what a claim says, and stand in the text as quoted texts.
 */
export function createAttributeReader({ columns: places }: Rows, columns: readonly AttributeColumn[]): AttributeReader {
  const lines = columns.map(({ name, kind }, index) => {
    const said = `one[${JSON.stringify(name)}]`
    const place = places[index]
    return kind === 'number'
      ? `doubles[(at >> 1) + ${place}] = numberOf[${index}](${said}, 0, onOther)`
      : `ints[at + ${place}] = numberOf[${index}](${said}, likeInts[likeAt + ${place}], onOther)`
  })
  const reader = `(one, ints, doubles, at, likeInts, likeAt, onOther) => { ${lines.join('; ')} }`
  return new Function('numberOf', `return ${reader}`)(columns.map(({ numberOf }) => numberOf)) as AttributeReader
}
