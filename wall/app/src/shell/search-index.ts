import { fold } from '../fold.ts'

/** Something that can be found: what people call it, and other words that lead to it. */
export interface SearchEntry {
  readonly kind: 'board' | 'indicator' | 'area' | 'site' | 'device'
  readonly url: string
  readonly title: string
  /** Stands below the title: where it is. */
  readonly detail: string
  /** Titles in the other language, ids, codes. */
  readonly others: readonly string[]
}

interface Indexed {
  readonly entry: SearchEntry
  readonly title: string
  readonly folded: string
  readonly rest: string
}

/** Kinds in the order in which equal matches are listed. */
const kinds = ['board', 'indicator', 'area', 'site', 'device'] as const

const plain = (text: string): string => text.normalize('NFC').toLowerCase()

export function indexOf(entries: readonly SearchEntry[]): readonly Indexed[] {
  return entries.map((entry) => ({
    entry,
    title: plain(entry.title),
    folded: fold(entry.title),
    rest: fold([entry.detail, ...entry.others].join(' ')),
  }))
}

/**
 * The best entries for what was typed. Every word of it has to occur; the title counts more than the rest, a beginning
 * more than a middle, and the same diacritics more than none.
 */
export function find(index: readonly Indexed[], text: string, max: number): SearchEntry[] {
  const words = fold(text)
    .split(/[\s/]+/)
    .filter((word) => word !== '')
  if (words.length === 0) return []
  const found = index.flatMap((one) => {
    const score = scoreOf(one, words, text)
    return score > 0 ? [{ entry: one.entry, score }] : []
  })
  return found
    .sort(
      (a, b) =>
        b.score - a.score ||
        kinds.indexOf(a.entry.kind) - kinds.indexOf(b.entry.kind) ||
        a.entry.title.length - b.entry.title.length ||
        a.entry.title.localeCompare(b.entry.title, 'vi'),
    )
    .slice(0, max)
    .map(({ entry }) => entry)
}

function scoreOf({ title, folded, rest }: Indexed, words: readonly string[], text: string): number {
  let score = 0
  for (const word of words) {
    const own = scoreOfWord(folded, word) * 4 || scoreOfWord(rest, word)
    if (own === 0) return 0
    score += own
  }
  const whole = words.join(' ')
  if (folded === whole) score += 40
  else if (folded.startsWith(whole)) score += 20
  else if (folded.includes(whole)) score += 8
  const typed = plain(text.trim())
  return typed !== whole && title.includes(typed) ? score + 10 : score
}

function scoreOfWord(text: string, word: string): number {
  let found = 0
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1] ?? '')) return 3
    found = 1
  }
  return found
}
