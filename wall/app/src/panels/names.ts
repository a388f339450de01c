import { fold } from '../fold.ts'

/**
 * Names without the words that all of them begin with, where the title above them has these already, or where they are
 * known to be of one kind.
 */
export function shortNames(names: readonly string[], title = '', isOneKind = false): string[] {
  const [first = '', ...others] = names.map((name) => name.split(' '))
  if (first === '' || others.length === 0) return [...names]
  const differs = first.findIndex((word, index) => others.some((words) => words[index] !== word))
  const shared = first.slice(0, differs === -1 ? 0 : differs).join(' ')
  const isSaid = shared !== '' && (isOneKind || ` ${fold(title)} `.includes(` ${fold(shared)} `))
  const isWhole = names.some((name) => name.length <= shared.length)
  return isSaid && !isWhole ? names.map((name) => capitalised(name.slice(shared.length + 1))) : [...names]
}

function capitalised(text: string): string {
  const [first = ''] = text
  return first.toLocaleUpperCase('vi') + text.slice(first.length)
}

/** As officials write names of offices and schools where room is short. */
const abbreviations: readonly (readonly [whole: string, short: string])[] = [
  ['Ủy ban nhân dân', 'UBND'],
  ['Trung học cơ sở', 'THCS'],
  ['Trung học phổ thông', 'THPT'],
]

/** A name with the abbreviations that everybody here knows. */
export function abbreviated(name: string): string {
  return abbreviations.reduce((text, [whole, short]) => text.replace(whole, short), name)
}
