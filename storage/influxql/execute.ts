import type { Call } from './analyse/calls.ts'
import type { SelectPlan } from './analyse/plan.ts'
import { compileCalls, compileRows, type Step } from './compile/compile.ts'
import { checkValues, type Scan, scanOf } from './compile/scan.ts'
import { matchingBy } from './regexes.ts'
import type { SubqueryAnswer } from './relation/relation.ts'
import { shapeRows, zip } from './shape/answer.ts'
import type { Streams } from './shape/stream.ts'
import { shapeStep, transform } from './shape/streams.ts'
import { type AnswerSeries, type QuerySource, valueCount } from './source.ts'

/**
 * Executes a plan: its subqueries first, whose answers become tables for as long as it is executed.
 * @throws IocError QUERY_INVALID for an answer that is too large
 */
export async function execute(source: QuerySource, plan: SelectPlan): Promise<AnswerSeries[]> {
  if (plan.subqueries.length === 0) return executeReads(source, plan)
  const levels: SubqueryAnswer[][] = []
  let { maxValues } = source
  for (const plans of plan.subqueries) {
    const answers: SubqueryAnswer[] = []
    for (const shape of plans) {
      const series = await execute({ ...source, maxValues }, shape)
      maxValues -= valueCount(series)
      answers.push({ shape, series })
    }
    levels.push(answers)
  }
  const loaded = plan.reads.map((one) => ({ ...one, ...one.relation.load(levels) }))
  const tables = loaded.flatMap((one) => one.tables)
  return source.scratch(tables, (read) => executeReads({ ...source, read }, { ...plan, reads: loaded }))
}

async function executeReads(source: QuerySource, plan: SelectPlan): Promise<AnswerSeries[]> {
  const series: AnswerSeries[] = []
  // Descending turns the order of relations round, too.
  for (const reading of plan.descending ? plan.reads.toReversed() : plan.reads) {
    const scan = await scanOf(matchingBy(source.read), source, plan, reading)
    if (!scan) continue
    const answered = scan.calls.length === 0 ? await executeRows(source, scan) : await executeCalls(source, scan)
    series.push(...answered.filter(({ values }) => values.length > 0))
  }
  return series
}

async function executeRows(source: QuerySource, scan: Scan): Promise<AnswerSeries[]> {
  const step = compileRows(scan)
  return step ? shapeRows(scan, step, await source.read(step.sql)) : []
}

async function executeCalls(source: QuerySource, scan: Scan): Promise<AnswerSeries[]> {
  const found = new Map<Call, Streams>()
  let points = 0
  // One after the other, so that no more than one holds values beyond the limit.
  for (const step of compileCalls(scan)) {
    const streams = await executeStep(source, step)
    points += pointsOf(streams)
    checkValues(source, points)
    for (const [index, call] of step.calls.entries()) found.set(call, streams[index] as Streams)
  }
  return zip(
    scan,
    scan.calls.map((call) => found.get(call) as Streams),
  )
}

async function executeStep(source: QuerySource, step: Step): Promise<Streams[]> {
  switch (step.kind) {
    case 'empty':
      return [new Map()]
    case 'transformation': {
      const streams = await executeStep(source, step.input)
      checkValues(source, pointsOf(streams))
      return streams.map((one) => transform(step, one))
    }
    default:
      return shapeStep(step, await source.read(step.sql))
  }
}

function pointsOf(streams: readonly Streams[]): number {
  return streams.flatMap((one) => [...one.values()]).reduce((sum, { times }) => sum + times.length, 0)
}
