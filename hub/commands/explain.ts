import { join } from 'node:path'
import { commonOptions, districtOptions } from '@ioc/contract/common-options.ts'
import { scopes } from '@ioc/contract/messages/live.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { loadDistrict } from '@ioc/runtime/district/district.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { explain as answer, type Question } from '@ioc/stream-processor/explain/explain.ts'
import { openSavedEngines } from '@ioc/stream-processor/explain/saved-engines.ts'
import { sayExplanation } from '@ioc/stream-processor/explain/text.ts'
import { levelsOf } from '@ioc/stream-processor/indicators/level.ts'
import { casesOf, domainsOf, measuredOf, referencesOf } from '@ioc/stream-processor/indicators/table.ts'
import { misused, oneOf, readArguments, timeArgument } from './arguments.ts'
import type { Command } from './command.ts'

const usage = 'explain ID --at TIME --key KEY [--scope SCOPE] [--group GROUP] [--utc] [--json]'

export const explain: Command = {
  usage,
  title: 'show how a value was computed: window, panes, aggregates, formula',
  async run(args) {
    const { question, json, utc } = readQuestion(args)
    const options = readOptions({ ...commonOptions, ...districtOptions }, process.env)
    const district = loadDistrict(options, Date.now(), createLogger('explain', { logLevel: 'silent' }), referencesOf)
    const domains = domainsOf(district.parameters)
    const [indicators, caseIndicators] = [measuredOf(domains), casesOf(domains)]
    const folder = join(options.dataDir, 'stream-processor')
    const saved = openSavedEngines(folder, indicators, caseIndicators)
    try {
      const explanation = answer(saved, [...indicators, ...caseIndicators], question, levelsOf(district))
      process.stdout.write(json ? `${JSON.stringify(explanation, null, 2)}\n` : sayExplanation(explanation, utc))
    } finally {
      await saved.stop()
    }
    return 0
  },
}

const text = { type: 'string' } as const
const flag = { type: 'boolean', default: false } as const

/** @throws IocError USAGE_INVALID */
function readQuestion(args: readonly string[]): {
  readonly question: Question
  readonly json: boolean
  readonly utc: boolean
} {
  const { values, positionals } = readArguments(
    args,
    { at: text, key: text, scope: text, group: text, utc: flag, json: flag },
    usage,
    ['ID'],
  )
  const [id = ''] = positionals
  const { at: time, key, group, json, utc } = values
  if (time === undefined) throw misused('--at is missing', usage)
  if (key === undefined) throw misused('--key is missing', usage)
  const scope = values.scope === undefined ? undefined : oneOf(scopes, values.scope, '--scope', usage)
  return { question: { id, at: timeArgument(time, '--at', usage), key, scope, group }, json, utc }
}
