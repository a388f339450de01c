import type { Title } from '../device-types/device-type.ts'

export interface CaseAttribute {
  readonly kind: 'string' | 'number' | 'boolean'
  readonly title: Title
}

/** What every case has anyway, and so no attribute is called. */
type CaseField = 'id' | 'state' | 'opened' | 'due' | 'closed'

/** A kind of case: a file with a deadline, and what is said about it beside its times. */
export interface CaseType {
  readonly id: string
  readonly title: Title
  readonly attributes: Readonly<Record<string, CaseAttribute>> & { readonly [F in CaseField]?: never }
}

/** Keeps the literal names of the attributes in the type, so that a misspelt attribute does not compile. */
export function caseType<const T extends CaseType>(type: T): T {
  return type
}

/** An attribute that is a text: a name or a code. */
export function text(vi: string, en: string) {
  return { kind: 'string', title: { vi, en } } as const
}

/** An attribute that is a number. */
export function quantity(vi: string, en: string) {
  return { kind: 'number', title: { vi, en } } as const
}

/** An attribute that is true or false. */
export function flag(vi: string, en: string) {
  return { kind: 'boolean', title: { vi, en } } as const
}
