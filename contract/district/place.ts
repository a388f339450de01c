import Type from 'typebox'
import { slugPattern } from '../names.ts'

/** Degrees, WGS 84. */
export const Latitude = Type.Number({ minimum: -90, maximum: 90, description: 'degrees of latitude, from -90 to 90' })
export const Longitude = Type.Number({
  minimum: -180,
  maximum: 180,
  description: 'degrees of longitude, from -180 to 180',
})

/** As people read it. */
export const PlaceName = Type.String({ minLength: 1, maxLength: 100, description: 'a name of 1 to 100 characters' })

export const AreaCode = Type.String({
  pattern: slugPattern,
  description: 'the code of an area in quotes, such as "24931"',
})
export const SiteName = Type.String({
  pattern: slugPattern,
  description: 'the name of a site as in "ioc node add SITE NODE": letters, digits and hyphens, no spaces',
})

/** Who says so: a decision, a standard, a plan. */
export const SourceText = Type.String({ minLength: 1, maxLength: 300, description: 'a source of 1 to 300 characters' })
