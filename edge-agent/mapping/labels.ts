import { toAscii } from '@ioc/contract/names.ts'

/** What two labels have in common that differ in case, diacritics, spaces or punctuation: `Số hồ sơ` is `so ho so`. */
export function labelKey(label: string): string {
  const key = toAscii(label)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
  // A label of signs alone, as `+`.
  return key === '' ? label.trim() : key
}
