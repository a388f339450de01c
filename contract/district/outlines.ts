import Type from 'typebox'
import { AreaCode, PlaceName } from './place.ts'

/** The boundary of an area. GeoJSON allows further members, which programs that write it add. */
export const Outline = Type.Object({
  type: Type.Literal('Feature', { description: '"Feature"' }),
  properties: Type.Object({
    code: AreaCode,
    /** For whoever edits the file: the name that is shown is that of the area. */
    name: Type.Optional(PlaceName),
    /** Whether it only resembles the official boundary, which must be said beside it. */
    approximate: Type.Optional(Type.Boolean({ description: 'true or false' })),
  }),
  geometry: Type.Object({
    type: Type.Enum(['Polygon', 'MultiPolygon'], { description: '"Polygon" or "MultiPolygon"' }),
    /** Rings of [longitude, latitude] in degrees, WGS 84; `runtime/district/outlines.ts` validates them. */
    coordinates: Type.Array(Type.Unknown(), { description: 'a list of rings' }),
  }),
})
export type Outline = Type.Static<typeof Outline>

/** `district/outlines.geojson`. */
export const OutlinesFile = Type.Object({
  type: Type.Literal('FeatureCollection', { description: '"FeatureCollection"' }),
  features: Type.Array(Outline, { maxItems: 500 }),
})
export type OutlinesFile = Type.Static<typeof OutlinesFile>
