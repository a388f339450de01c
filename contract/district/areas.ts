import Type from 'typebox'
import { Day } from './calendars.ts'
import { AreaCode, Latitude, Longitude, PlaceName } from './place.ts'

/** Where a figure is from. */
const Source = Type.Enum(['stated', 'computed', 'unverified'], { description: 'stated, computed or unverified' })

/** An area, for a time: its code may have been another's before. `district/README.md` says what each field is. */
export const Area = Type.Object(
  {
    code: AreaCode,
    name: PlaceName,
    lat: Latitude,
    lon: Longitude,
    valid_from: Type.Union([Day, Type.Null()]),
    valid_to: Type.Union([Day, Type.Null()]),
    successor: Type.Union([AreaCode, Type.Null()]),
    population_2019: Type.Optional(Type.Integer({ minimum: 0, title: 'Persons' })),
    area_km2: Type.Optional(Type.Number({ exclusiveMinimum: 0, title: 'km²' })),
    source: Type.Record(Type.String(), Source),
    unconfirmed: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
)
export type Area = Type.Static<typeof Area>

/** `district/areas.yaml`. Those in force must fit one live message. */
export const AreasFile = Type.Object(
  { sources: Type.Optional(Type.Record(Source, Type.String())), areas: Type.Array(Area, { maxItems: 500 }) },
  { additionalProperties: false },
)
export type AreasFile = Type.Static<typeof AreasFile>
