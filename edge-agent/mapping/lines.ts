import { fields, type Report } from '../config/fields.ts'
import type { Row } from './mapping.ts'
import { jsonRow } from './pointer.ts'

/** How texts of devices and programs are read. */
export const lineFields = fields({
  format: {
    kind: 'choice',
    choices: ['json', 'pattern'],
    default: 'json',
    title: { vi: 'Dạng dữ liệu: JSON hoặc theo mẫu', en: 'Format: JSON or a pattern' },
  },
  pattern: {
    kind: 'text',
    optional: true,
    title: {
      vi: 'Biểu thức chính quy có nhóm đặt tên, như T=(?<t>[0-9.]+)',
      en: 'Regular expression with named groups, such as T=(?<t>[0-9.]+)',
    },
  },
})

interface LineOptions {
  readonly format: 'json' | 'pattern'
  readonly pattern?: string
}

/** Validates the pattern. */
export function checkLines({ format, pattern }: LineOptions, report: Report): void {
  if (format === 'pattern' && pattern === undefined) {
    report([], { vi: 'thiếu mục pattern', en: 'missing field pattern' })
    return
  }
  try {
    new RegExp(pattern ?? '', 'u')
  } catch (error) {
    const { message } = error as Error
    report(['pattern'], { vi: `biểu thức không hợp lệ: ${message}`, en: `invalid expression: ${message}` })
  }
}

/**
 * Returns a reader of lines; it returns `undefined` for a line that the pattern does not match.
 * @throws Error of the reader where a line is not JSON
 */
export function lineReader({ format, pattern = '' }: LineOptions): (line: string, label: string) => Row | undefined {
  if (format === 'json') return (line, label) => jsonRow(JSON.parse(line), label)
  const expression = new RegExp(pattern, 'u')
  return (line, label) => {
    const groups = expression.exec(line)?.groups
    return groups && { label, get: (name) => (Object.hasOwn(groups, name) ? (groups[name] ?? null) : undefined) }
  }
}
