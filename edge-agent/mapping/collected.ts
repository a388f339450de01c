import type { Collected } from '../collectors/collector.ts'
import type { Mapped, RowProblem } from './mapping.ts'

/**
 * What a run collected, from its mapped rows.
 * @throws Error where there are rows and none can be used
 */
export function collectedOf(mapped: Mapped): Collected {
  const problems = problemTexts(mapped)
  const [first] = problems
  if (mapped.usedRows === 0 && first !== undefined) throw new Error(first)
  return { measurements: mapped.measurements, cases: mapped.cases, problems }
}

/** @param before what is written before the label of a row that is a number */
export function problemTexts(
  { problems, moreProblems }: Pick<Mapped, 'problems' | 'moreProblems'>,
  before = '',
): string[] {
  const texts = problems.map((problem) => `${before}${problemText(problem)}`)
  return moreProblems === 0 ? texts : [...texts, `${moreProblems} more`]
}

function problemText({ row, column, reason }: RowProblem): string {
  return [row, column, reason.en].filter((part) => part !== '').join(': ')
}
