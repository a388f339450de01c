import type { CaseType } from './case-type.ts'
import { citizenReport } from './citizen-report.ts'
import { document } from './document.ts'
import { oneStop } from './one-stop.ts'

/** Every kind of case that the centre knows. A new kind is a file beside this one, and a line here. */
export const caseTypes = {
  one_stop: oneStop,
  document,
  citizen_report: citizenReport,
} as const satisfies Record<string, CaseType>

export type CaseTypeId = keyof typeof caseTypes

/** The declaration of `id`, or `undefined`: `id` may come from the wire. */
export function findCaseType(id: string): (CaseType & { readonly id: CaseTypeId }) | undefined {
  return Object.hasOwn(caseTypes, id) ? caseTypes[id as CaseTypeId] : undefined
}
