import Type from 'typebox'

/** A day of Asia/Ho_Chi_Minh, as `2025-07-01`: so written, days compare as text. */
export const Day = Type.Refine(
  Type.String({ pattern: '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$', description: 'a day such as 2025-07-01' }),
  isDay,
  (day) => `there is no day ${day}`,
)

/** A day of any year, as `08-01`; in a leap year, `02-29` is one. */
const DayOfYear = Type.Refine(
  Type.String({
    pattern: '^(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$',
    description: 'a month and a day in quotes, such as "08-01"',
  }),
  (day) => isDay(`2024-${day}`),
  (day) => `there is no day ${day}`,
)

/** A time of day, as `07:30`. */
const Clock = Type.String({
  pattern: '^([01]\\d|2[0-3]):[0-5]\\d$',
  description: 'a time of day in quotes, such as "07:30"',
})

/** Whether the calendar has a day: JavaScript takes 30 February for 2 March. */
function isDay(text: string): boolean {
  const ts = Date.parse(`${text}T00:00:00Z`)
  return Number.isFinite(ts) && new Date(ts).toISOString().startsWith(text)
}

const strict = { additionalProperties: false }

/** Days from the first to the last, both of them included. */
const Period = Type.Object({ from: Day, to: Day, name: Type.String({ minLength: 1, maxLength: 100 }) }, strict)

/** `district/calendars.yaml`: when offices and schools are open, and which season it is. */
export const CalendarsFile = Type.Object(
  {
    /** Days of the week, 1 Monday to 7 Sunday. */
    working_days: Type.Array(
      Type.Integer({ minimum: 1, maximum: 7, description: 'a day of the week, from 1 (Monday) to 7 (Sunday)' }),
      { uniqueItems: true },
    ),
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
