import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureFolder } from '@ioc/runtime/process.ts'
import type { RowProblem } from '../../mapping/mapping.ts'
import type { Reason } from '../../mapping/value.ts'

/** Problems that an outcome lists, at most. */
const maxListed = 200

export const outcomeSuffix = '.ketqua.txt'

/** What became of a file. */
export interface Outcome {
  readonly file: string
  /** Why nothing of it is used. */
  readonly refused?: Reason
  readonly rows: number
  readonly usedRows: number
  readonly measurements: number
  readonly cases: number
  readonly problems: readonly RowProblem[]
  readonly moreProblems: number
}

/** The text for the person who put the file there. */
function outcomeText(outcome: Outcome, now: Date): string {
  const { file, refused, rows, usedRows, measurements, cases, problems, moreProblems } = outcome
  const at = now.toLocaleString('vi-VN', { timeZone: 'Asia/Ho_Chi_Minh', hour12: false })
  const total = problems.length + moreProblems
  const head = [`KẾT QUẢ NHẬN TỆP: ${file}`, `Thời điểm: ${at}`]
  const body =
    refused === undefined
      ? [`Số dòng dữ liệu: ${rows}`, `Đã nhận: ${usedRows} dòng (${measurements} bản ghi số liệu, ${cases} hồ sơ)`]
      : [`KHÔNG NHẬN: ${refused.vi}`]
  const list = problems.slice(0, maxListed).map(({ row, column, reason }) => {
    const where = column === '' ? `dòng ${row}` : `dòng ${row}, cột "${column}"`
    return `- ${where}: ${reason.vi}`
  })
  const more = total > list.length ? [`- và ${total - list.length} lỗi khác`] : []
  const errors = total === 0 ? [] : ['', `Cần sửa ${total} chỗ:`, ...list, ...more]
  // As Notepad reads it.
  return `\uFEFF${[...head, ...body, ...errors, ''].join('\r\n')}`
}

/**
 * Writes the outcome beside the file, which is the one place outside of the agent's folder that a collector writes to: the
 * administrator named it. A share that is read-only gets none; then it is in the agent's folder.
 */
export async function writeOutcome(folder: string, own: string, outcome: Outcome): Promise<void> {
  const name = `${outcome.file}${outcomeSuffix}`
  const text = outcomeText(outcome, new Date())
  try {
    await writeFile(join(folder, name), text)
  } catch {
    await writeFile(join(ensureFolder(join(own, 'ket-qua')), name), text)
  }
}
