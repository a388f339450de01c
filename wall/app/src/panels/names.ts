import { fold } from '../fold.ts'

/** Names without the words that all of them begin with, where the title above them has these already. */
export function shortNames(names: readonly string[], title = ''): string[] {
  const [first = '', ...others] = names.map((name) => name.split(' '))
  if (first === '' || others.length === 0) return [...names]
  const differs = first.findIndex((word, index) => others.some((words) => words[index] !== word))
  const shared = first.slice(0, differs === -1 ? 0 : differs).join(' ')
  const isSaid = shared !== '' && ` ${fold(title)} `.includes(` ${fold(shared)} `)
  const isWhole = names.some((name) => name.length <= shared.length)
  return isSaid && !isWhole ? names.map((name) => capitalised(name.slice(shared.length + 1))) : [...names]
}

function capitalised(text: string): string {
  const [first = ''] = text
  return first.toLocaleUpperCase('vi') + text.slice(first.length)
}
