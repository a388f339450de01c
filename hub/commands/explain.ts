import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { commonOptions } from '@ioc/contract/common-options.ts'
import { IocError } from '@ioc/contract/errors.ts'
import { scopes } from '@ioc/contract/messages/live.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { explain as answer, type Question } from '@ioc/stream-processor/explain/explain.ts'
import { openSavedEngines } from '@ioc/stream-processor/explain/saved-engines.ts'
import { sayExplanation } from '@ioc/stream-processor/explain/text.ts'
import { parseTime } from '@ioc/stream-processor/explain/time.ts'
import { caseIndicators, indicators } from '@ioc/stream-processor/indicators/table.ts'
import type { Command } from './table.ts'

const usage = 'explain ID --at TIME --key KEY'
const fullUsage = `ioc ${usage} [--scope SCOPE] [--group GROUP] [--json]`

export const explain: Command = {
  usage,
  title: 'how a value came to be: its window, panes, aggregates, formula',
  async run(args) {
    const { question, json } = readQuestion(args)
    const folder = join(readOptions(commonOptions, process.env).dataDir, 'stream-processor')
    const saved = openSavedEngines(folder, indicators, caseIndicators)
    try {
      const explanation = answer(saved, [...indicators, ...caseIndicators], question)
      process.stdout.write(json ? `${JSON.stringify(explanation, null, 2)}\n` : sayExplanation(explanation))
    } finally {
      await saved.stop()
    }
    return 0
  },
}

const text = { type: 'string' } as const

/** @throws IocError OPTION_INVALID */
function readQuestion(args: readonly string[]): { readonly question: Question; readonly json: boolean } {
  const { values, positionals } = parse(args)
  const [id] = positionals
  const { at: time, key, group, json = false } = values
  const scope = scopes.find((one) => one === values.scope)
  if (id === undefined || time === undefined || key === undefined || positionals.length > 1) {
    throw new IocError('OPTION_INVALID', `say: ${fullUsage}`)
  }
  const at = parseTime(time)
  if (Number.isNaN(at)) {
    const forms = '2026-11-24T17:00 (Asia/Ho_Chi_Minh), 2026-11-24T10:00Z, or milliseconds since 1970'
    throw new IocError('OPTION_INVALID', `--at ${time} is no time: write ${forms}`)
  }
  if (scope === undefined && values.scope !== undefined) {
    throw new IocError('OPTION_INVALID', `--scope ${values.scope} is none of ${scopes.join(', ')}`)
  }
  return { question: { id, at, key, scope, group }, json }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { at: text, key: text, scope: text, group: text, json: { type: 'boolean' } },
    })
  } catch (error) {
    throw new IocError('OPTION_INVALID', `${(error as Error).message}. Say: ${fullUsage}`)
  }
}
