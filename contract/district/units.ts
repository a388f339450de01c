import Type from 'typebox'
import { slugPattern } from '../names.ts'
import { AreaCode, PlaceName } from './place.ts'

const strict = { additionalProperties: false }

/** A department of the district or of a commune, and the domains of indicators that it answers for. */
export const Unit = Type.Object(
  {
    id: Type.String({ pattern: slugPattern, description: 'an id of letters, digits and hyphens' }),
    name: Type.Object({ vi: PlaceName, en: PlaceName }, strict),
    /** Code of an area in force; without it the unit works for the whole district. */
    area: Type.Optional(AreaCode),
    domains: Type.Array(Type.String({ description: 'the id of a domain' }), { uniqueItems: true, maxItems: 100 }),
    unconfirmed: Type.Optional(Type.Boolean({ description: 'true or false' })),
  },
  strict,
)
export type Unit = Type.Static<typeof Unit>

/** `district/units.yaml`. */
export const UnitsFile = Type.Object({ units: Type.Array(Unit, { maxItems: 500 }) }, strict)
export type UnitsFile = Type.Static<typeof UnitsFile>
