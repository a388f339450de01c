/** `2026-07-01T08:00:00.5+07:00`; the time of day, seconds, fractions and the offset may be missing. */
const isoTime =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(?:([Zz])|([+-])(\d\d):?(\d\d)?)?)?$/

/** Without an offset a time is one of the district's clocks, Asia/Ho_Chi_Minh, which have had no summer time since 1975. */
const districtOffsetMin = 7 * 60

/**
 * Milliseconds since 1970, UTC, of a time as ISO 8601 writes it, or of a number that is written as a text; `undefined` for
 * any other text.
 */
export function timeOfText(text: string): number | undefined {
  const trimmed = text.trim()
  if (/^-?\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed)
  const parts = isoTime.exec(trimmed)
  if (!parts) return undefined
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0)) as Six
  const ms = Number((parts[7] ?? '0').padEnd(3, '0').slice(0, 3))
  const utc = Date.UTC(year, month - 1, day, hour, minute, second, ms)
  // A month 13, or a 30th of February, would be a day of another month.
  const date = new Date(utc)
  const isDate =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 61
  return isDate ? utc - offsetMin(parts) * 60_000 : undefined
}

type Six = [number, number, number, number, number, number]

function offsetMin({ 8: zulu, 9: sign, 10: hours, 11: minutes = '0' }: RegExpExecArray): number {
  if (zulu !== undefined) return 0
  if (sign === undefined) return districtOffsetMin
  const offset = Number(hours) * 60 + Number(minutes)
  return sign === '-' ? -offset : offset
}
