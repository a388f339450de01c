import Type from 'typebox'

/** Degrees, WGS 84. */
export const Latitude = Type.Number({ minimum: -90, maximum: 90 })
export const Longitude = Type.Number({ minimum: -180, maximum: 180 })

/** As people read it. */
export const PlaceName = Type.String({ minLength: 1, maxLength: 100 })
