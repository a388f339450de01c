import Type from 'typebox'

/** A day of Asia/Ho_Chi_Minh, as `2025-07-01`: so written, days compare as text. */
export const Day = Type.String({ pattern: '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$' })

/** A day of any year, as `08-01`. */
const DayOfYear = Type.String({ pattern: '^(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$' })

/** A time of day, as `07:30`. */
const Clock = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' })

const strict = { additionalProperties: false }

/** Days from the first to the last, both of them included. */
const Period = Type.Object({ from: Day, to: Day, name: Type.String({ minLength: 1, maxLength: 100 }) }, strict)

/** `district/calendars.yaml`: when offices and schools are open, and which season it is. */
export const CalendarsFile = Type.Object(
  {
    /** Days of the week, 1 Monday to 7 Sunday. */
    working_days: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { uniqueItems: true }),
    working_hours: Type.Array(Type.Object({ from: Clock, to: Clock }, strict)),
    holidays: Type.Array(Period),
    school_terms: Type.Array(Period),
    /** Each year anew; one that ends before it begins goes on into the next year. */
    seasons: Type.Object(
      {
        flood: Type.Object({ from: DayOfYear, to: DayOfYear }, strict),
        dry: Type.Object({ from: DayOfYear, to: DayOfYear }, strict),
      },
      strict,
    ),
    unconfirmed: Type.Optional(Type.Boolean()),
  },
  strict,
)
export type CalendarsFile = Type.Static<typeof CalendarsFile>
