import type { CaseType } from './case-type.ts'
import { citizenReport } from './citizen-report.ts'
import { document } from './document.ts'
import { landFile } from './land-file.ts'
import { lodgingRegistration } from './lodging-registration.ts'
import { oneStop } from './one-stop.ts'
import { planningRequest } from './planning-request.ts'
import { violation } from './violation.ts'

/** Every kind of case that the centre knows. A new kind is a file beside this one, and a line here. */
export const caseTypes = {
  one_stop: oneStop,
  document,
  citizen_report: citizenReport,
  land_file: landFile,
  lodging_registration: lodgingRegistration,
  violation,
  planning_request: planningRequest,
} as const satisfies Record<string, CaseType>

export type CaseTypeId = keyof typeof caseTypes

/** The declaration of `id`, or `undefined`: `id` may come from the wire. */
export function findCaseType(id: string): (CaseType & { readonly id: CaseTypeId }) | undefined {
  return Object.hasOwn(caseTypes, id) ? caseTypes[id as CaseTypeId] : undefined
}
