import { IocError } from './errors.ts'

/**
 * Sites, nodes and devices are named by slugs: letters, digits, `_`, `.` and `-`, a letter or digit first, at most
 * 64 characters. So a name is safe in a topic, a line of line protocol, a URL and a file name without escaping.
 * What people read is the free-text `name` in a birth.
 */
export const slugPattern = '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$'

/** Characters of a name, at most. */
export const maxNameLength = 64

/**
 * Names that no value of a device and no attribute of a case may have, in capitals or not: the tags of all measurements,
 * times, and columns of our own. In the store a field beside a tag of the same name makes queries by the tag answer
 * nothing. A value that comes under one of them is stored under the name with `reservedSuffix`.
 */
export const reservedNames = [
  ...['area', 'site', 'device', 'node', 'type', 'id', 'scope', 'group', 'process'],
  ...['time', 'ts', 'claimed_ms'],
] as const

/** Ends of the columns of undeclared texts and flags, see `columnOf`: reserved too, so that a column has one type. */
const reservedEnds = ['_text', '_flag'] as const
export const reservedSuffix = '_value'

/**
 * Metrics become field names: a letter first, then letters, digits and `_`, at most 64 characters, and none of the
 * reserved names.
 */
export const metricPattern = `^(?!(?:${anyCase(reservedNames)})$)(?!.*(?:${anyCase(reservedEnds)})$)[A-Za-z][A-Za-z0-9_]{0,63}$`

/** A schema takes the pattern as text, which has no flags. */
function anyCase(names: readonly string[]): string {
  return names.map((name) => name.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)).join('|')
}

const slug = new RegExp(slugPattern)
const metric = new RegExp(metricPattern)

export function isSlug(text: string): boolean {
  return slug.test(text)
}

export function isMetricName(text: string): boolean {
  return metric.test(text)
}

const hasControl = (text: string): boolean => /\p{Cc}/u.test(text)

/** ASCII as far as it goes: without diacritics, and what stands for several characters as these (`đ` → d, `₂` → 2). */
export function toAscii(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
  if (/^[\x00-\x7f]*$/.test(text)) return text
  return text.normalize('NFKD').replace(/\p{M}/gu, '').replace(/đ/g, 'd').replace(/Đ/g, 'D')
}

/**
 * The slug for what a device calls itself, or `undefined` where no letter or digit is left, it is too long, or it has
 * control characters, which no name has. A slug stays as it is. Diacritics go, and what a slug cannot have becomes `_`: `Phòng 1` is `Phong_1`.
 */
export function slugOf(text: string): string | undefined {
  if (isSlug(text)) return text
  if (hasControl(text)) return undefined
  const name = toAscii(text)
    .replace(/[^A-Za-z0-9_.-]+/g, '_')
    .replace(/^[_.-]+|_+$/g, '')
  return isSlug(name) ? name : undefined
}

/**
 * The metric name for what a device calls a value, or `undefined` as for slugs. A metric name stays as it is. Diacritics go, separators become `_`, a leading digit gets `n_` before it, a reserved name
 * `_value` after it: `nhiệt_độ` is `nhiet_do`, `PM2.5` is `PM2_5`, `1h` is `n_1h`, `area` is `area_value`.
 */
export function metricNameOf(text: string): string | undefined {
  if (isMetricName(text)) return text
  if (hasControl(text)) return undefined
  const ascii = isFieldName(text)
    ? text
    : toAscii(text)
        .replace(/[^A-Za-z0-9_]+/g, '_')
        .replace(/^_+|_+$/g, '')
  const name = /^[0-9]/.test(ascii) ? `n_${ascii}` : ascii
  if (isMetricName(name)) return name
  const renamed = `${name}${reservedSuffix}`
  return isFieldName(name) && isMetricName(renamed) ? renamed : undefined
}

/** Whether it would be a metric name, were it not reserved. */
const isFieldName = (text: string): boolean => /^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(text)

/**
 * The column of an undeclared value. Devices that agree on nothing share a measurement, and a column has one type in the
 * store: so the name says the type, and no two types can meet in one column.
 */
export function columnOf(metric: string, value: number | string | boolean): string {
  switch (typeof value) {
    case 'number':
      return metric
    case 'string':
      return `${metric}_text`
    default:
      return `${metric}_flag`
  }
}

/**
 * Returns `text` if it is a slug.
 * @throws IocError NAME_INVALID
 */
export function requireSlug(text: string, what: string): string {
  if (isSlug(text)) return text
  throw new IocError(
    'NAME_INVALID',
    `${what} ${JSON.stringify(text)} is not a valid name: use letters, digits, "_", "." and "-", start with a letter or digit, at most 64 characters`,
  )
}

/**
 * The tag of a group in the store. A group is any text that a device sent: what a tag or a query for it cannot say in
 * every store (control characters, backslashes, half a surrogate pair) is replaced.
 */
export function groupTag(group: string): string {
  return group
    .slice(0, maxGroupLength)
    .toWellFormed()
    .replace(/\p{Cc}/gu, ' ')
    .replace(/\\/g, '/')
}

/** Characters of a group that tell it from others. */
const maxGroupLength = 128
