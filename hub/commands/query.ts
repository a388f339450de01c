import { displayZone } from '@ioc/runtime/display-time.ts'
import { queryFormats, queryPrecisions, queryText } from '@ioc/storage/tools/query.ts'
import { misused, namedStore, oneOf, readArguments } from './arguments.ts'
import type { Command } from './command.ts'

const usage =
  'query "INFLUXQL" [--format table|csv|json] [--json] [--utc] [--db NAME] [--precision ns|us|ms|s|m|h|rfc3339]'

export const query: Command = {
  usage,
  title:
    'query the store; times are shown in Asia/Ho_Chi_Minh, unless --utc, --precision or tz() in the query sets another zone',
  async run(args) {
    const { values, positionals } = readArguments(
      args,
      {
        format: { type: 'string' },
        json: { type: 'boolean', default: false },
        utc: { type: 'boolean', default: false },
        db: { type: 'string' },
        precision: { type: 'string' },
      },
      usage,
      ['INFLUXQL'],
    )
    const [q = ''] = positionals
    const format = values.format ?? (values.json ? 'json' : 'table')
    if (values.json && format !== 'json') throw misused(`--json and --format ${format} contradict each other`, usage)
    const target = namedStore()
    const text = await queryText(values.db === undefined ? target : { ...target, bucket: values.db }, {
      q,
      format: oneOf(queryFormats, format, '--format', usage),
      precision:
        values.precision === undefined ? undefined : oneOf(queryPrecisions, values.precision, '--precision', usage),
      zone: values.utc ? 'UTC' : (zoneOf(q) ?? displayZone),
    })
    process.stdout.write(text)
    return 0
  },
}

/** The zone that a query asks its windows by, where it is one. */
function zoneOf(q: string): string | undefined {
  const [, zone] = /\btz\s*\(\s*'([^']+)'\s*\)[\s;]*$/i.exec(q) ?? []
  try {
    return zone === undefined ? undefined : new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}
