export type DecimalMark = ',' | '.'

const numberShape = /^[+-]?(?=[.,]?\d)[\d.,]*(?:[eE][+-]?\d+)?$/

/** Spaces between digits group thousands in some exports; a sheet's minus may be the typographic one. */
function clean(text: string): string {
  return text
    .trim()
    .replace(/[\s\u00a0\u202f]/g, '')
    .replace(/^\u2212/, '-')
}

/**
 * The decimal mark that a written number must have: `1.234,5` has a comma. `'any'` where it has no mark at all, `undefined`
 * where it could be either, as in `1.234`.
 */
export function decimalMarkOf(written: string): DecimalMark | 'any' | undefined {
  const text = clean(written)
  const marks = [...text].filter((letter) => letter === '.' || letter === ',') as DecimalMark[]
  const [first] = marks
  const last = marks.at(-1)
  if (first === undefined || last === undefined) return 'any'
  if (first !== last) return last
  if (marks.length > 1) return last === '.' ? ',' : '.'
  const [whole = '', fraction = ''] = text.replace(/^[+-]/, '').split(/[.,]/)
  const couldGroup = /^\d{3}$/.test(fraction) && /^[1-9]\d{0,2}$/.test(whole)
  return couldGroup ? undefined : last
}

/** The decimal mark of most numbers of a column; `undefined` where none decides it. */
export function decimalMarkOfColumn(texts: readonly string[]): DecimalMark | undefined {
  const marks = texts.filter((text) => numberShape.test(clean(text))).map(decimalMarkOf)
  const commas = marks.filter((mark) => mark === ',').length
  const points = marks.filter((mark) => mark === '.').length
  if (commas === points) return undefined
  return commas > points ? ',' : '.'
}

/**
 * Parses a number as people write it, with grouped thousands.
 * @param fallback the mark of a number that could be read either way; without it such a number is `'ambiguous'`
 */
export function parseNumber(written: string, fallback: DecimalMark | undefined): number | 'ambiguous' | undefined {
  const text = clean(written)
  if (!numberShape.test(text)) return undefined
  const mark = decimalMarkOf(text) ?? fallback
  if (mark === undefined) return 'ambiguous'
  const decimal = mark === 'any' ? '.' : mark
  const [whole = '', fraction = '', ...others] = text.split(decimal)
  const group = decimal === '.' ? ',' : '.'
  if (others.length > 0 || fraction.includes(group) || !isGrouped(whole, group)) return undefined
  const number = Number(`${whole.replaceAll(group, '')}${fraction === '' ? '' : `.${fraction}`}`)
  return Number.isFinite(number) ? number : undefined
}

/** Thousands are in groups of three. */
function isGrouped(whole: string, mark: string): boolean {
  const groups = whole.replace(/^[+-]/, '').split(mark)
  return (
    groups.length === 1 ||
    groups.every((group, index) => /^\d+$/.test(group) && (index === 0 ? group.length <= 3 : group.length === 3))
  )
}
