/** A text as it is searched: without case and diacritics, so that "don duong" finds "Đơn Dương". */
export function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').replace(/đ/gi, 'd').toLowerCase()
}
