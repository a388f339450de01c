import type { Reason } from '../../mapping/value.ts'

/** A row of a file, as it is numbered there. */
export interface SheetRow {
  readonly number: number
  readonly cells: readonly Cell[]
}

export type Cell = string | number | boolean | null

export interface Sheet {
  readonly name: string
  readonly rows: readonly SheetRow[]
}

/** Limits of one file. */
export const maxFileBytes = 20_000_000
/** Sum of the parts of a workbook after decompression, in bytes. */
export const maxUnpackedBytes = 200_000_000
export const maxCells = 200_000
/** Longest that parsing may take, in ms. */
export const maxParseMs = 10_000

/** What the parser in its worker gets. */
export interface ParseRequest {
  readonly bytes: Uint8Array
  readonly isText: boolean
  readonly encoding: string
  readonly delimiter: string
  readonly sheet: string | undefined
}

export type ParseAnswer = { readonly sheets: readonly Sheet[] } | { readonly refused: Reason }
