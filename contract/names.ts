import { IocError } from './errors.ts'

/**
 * Sites, nodes and devices are named by slugs: letters, digits, `_`, `.` and `-`, a letter or digit first, at most
 * 64 characters. So a name is safe in a topic, a line of line protocol, a URL and a file name without escaping.
 * What people read is the free-text `name` in a birth.
 */
export const slugPattern = '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$'

/** Metrics become field names: a letter first, then letters, digits and `_`, at most 64 characters. */
export const metricPattern = '^[A-Za-z][A-Za-z0-9_]{0,63}$'

const slug = new RegExp(slugPattern)
const metric = new RegExp(metricPattern)

export function isSlug(text: string): boolean {
  return slug.test(text)
}

export function isMetricName(text: string): boolean {
  return metric.test(text)
}

/**
 * Returns `text` if it is a slug.
 * @throws IocError NAME_INVALID
 */
export function requireSlug(text: string, what: string): string {
  if (isSlug(text)) return text
  throw new IocError(
    'NAME_INVALID',
    `${what} ${JSON.stringify(text)} is not a name: use letters, digits, "_", "." and "-", a letter or digit first, at most 64 characters`,
  )
}

/**
 * The tag of a group in the store. A group is any text that a device sent: what a tag or a query for it cannot say in
 * every store (control characters, backslashes, half a surrogate pair) is replaced.
 */
export function groupTag(group: string): string {
  return group
    .slice(0, longestGroup)
    .toWellFormed()
    .replace(/\p{Cc}/gu, ' ')
    .replace(/\\/g, '/')
}

/** Characters of a group that tell it from others. */
const longestGroup = 128
