import type { CaseAttribute } from '@ioc/contract/case-types/case-type.ts'

/** An attribute that a type of case declares. */
export interface DeclaredAttribute {
  readonly name: string
  readonly kind: CaseAttribute['kind']
}

export type AttributeValue = string | number | boolean
export type AttributeValues = Readonly<Record<string, AttributeValue | undefined>>

/** Values of an attribute that are told apart, at most; all beyond them are one value, `+`. */
const maxValues = 4096
const otherValues = '+'
/** The group of cases that have no value: a case whose value is this text counts as one that has none. */
const noValue = '-'

/** What is kept of the attributes of the cases of one type: those that the type declares. */
export class Attributes {
  readonly #declared: readonly DeclaredAttribute[]
  /** Texts that were seen of each attribute; of a number that cases are grouped by, its texts. Each text is kept once. */
  readonly #seen = new Map<string, Map<string, string>>()

  constructor(declared: readonly DeclaredAttribute[]) {
    this.#declared = declared
    for (const { name } of declared) this.#seen.set(name, new Map())
  }

  /** Keeps values of the declared kinds. @param faults what is wrong with the others is appended */
  read(of: Readonly<Record<string, unknown>>, type: string, faults: string[]): AttributeValues {
    return this.#each((name, kind) => {
      const value = of[name] ?? undefined
      if (value === undefined || typeof value === kind) return value
      faults.push(`${name}: ${type} declares a ${kind}, got ${JSON.stringify(value)}`)
      return undefined
    })
  }

  /** Keeps what was saved, perhaps under another declaration: what is declared with the same name and kind. */
  restore(saved: AttributeValues): AttributeValues {
    return this.#each((name, kind) => (typeof saved[name] === kind ? saved[name] : undefined))
  }

  #each(readValue: (name: string, kind: CaseAttribute['kind']) => unknown): AttributeValues {
    const values: Record<string, AttributeValue | undefined> = {}
    for (const { name, kind } of this.#declared) {
      const value = readValue(name, kind) as AttributeValue | undefined
      values[name] = typeof value === 'string' ? this.#textOf(name, value) : value
    }
    return values
  }

  #textOf(name: string, value: string): string | undefined {
    return value === noValue ? undefined : this.#known(name, value)
  }

  #known(name: string, text: string): string {
    const seen = this.#seen.get(name) as Map<string, string>
    const known = seen.get(text)
    if (known !== undefined) return known
    if (seen.size >= maxValues) return otherValues
    seen.set(text, text)
    return text
  }

  /** The group that a case belongs to by the value of an attribute. */
  groupOf(name: string, values: AttributeValues): string {
    const value = values[name]
    if (value === undefined) return noValue
    return typeof value === 'number' ? this.#known(name, String(value)) : String(value)
  }

  /** Which has the greater values, in the order of the declaration: positive if it is the left one. */
  compare(left: AttributeValues, right: AttributeValues): number {
    for (const { name, kind } of this.#declared) {
      const [one, other] = [rankOf(left[name], kind), rankOf(right[name], kind)]
      if (one !== other) return one < other ? -1 : 1
    }
    return 0
  }
}

const least = { string: noValue, number: Number.NEGATIVE_INFINITY, boolean: -1 } as const

function rankOf(value: AttributeValue | undefined, kind: CaseAttribute['kind']): string | number {
  if (value === undefined) return least[kind]
  return typeof value === 'boolean' ? Number(value) : value
}
