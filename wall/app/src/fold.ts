/** A text as it is searched: without case, diacritics and apostrophes, so that "dran" finds "D'Ran". */
export function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('đ', 'd').replace(/['’]/g, '')
}
