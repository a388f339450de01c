/** The languages that each board is built in. */
export const languages = ['vi', 'en'] as const
export type Language = (typeof languages)[number]

/** Words of a board, as an official of a commune and an English reader would write them. */
export interface Text {
  readonly vi: string
  readonly en: string
}
