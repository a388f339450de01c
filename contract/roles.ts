/** What a user may do, from the least to the most: each role may do all that the ones before it may. */
export const roles = ['viewer', 'operator', 'technician', 'admin'] as const
export type Role = (typeof roles)[number]

/** A person, or a program, that uses the centre. */
export interface User {
  readonly name: string
  readonly role: Role
  /** Codes of the areas that the user is limited to. */
  readonly areas?: readonly string[]
  /** The unit of `district/units.yaml` that the user belongs to and is limited to. */
  readonly unit?: string
}

/** Whether a role includes what another one may do. */
export function includesRole(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed)
}

/** Whether a user may not read all places of the district. */
export function isLimited({ areas, unit }: User): boolean {
  return areas !== undefined || unit !== undefined
}
