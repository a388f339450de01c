import Type from 'typebox'
import { slugPattern } from '../names.ts'

/** Schemas that several parts of the API share. */

export const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
export const Milliseconds = Type.Number({ title: 'Milliseconds since 1970, UTC' })
/** A time that a request gives. */
export const Time = Type.Integer({ minimum: 0, title: 'Milliseconds since 1970, UTC' })
export const slug = (title: string, example: string) =>
  Type.String({ pattern: slugPattern, title, examples: [example] })
export const strict = { additionalProperties: false }
