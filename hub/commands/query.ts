import { queryFormats, queryPrecisions, queryText } from '@ioc/storage/tools/query.ts'
import { misused, namedStore, oneOf, readArguments } from './arguments.ts'
import type { Command } from './table.ts'

const usage = 'query "INFLUXQL" [--format table|csv|json] [--db NAME] [--precision ns|us|ms|s|m|h|rfc3339]'

export const query: Command = {
  usage,
  title: 'ask the store; times are local unless --precision says otherwise',
  async run(args) {
    const { values, positionals } = readArguments(
      args,
      { format: { type: 'string', default: 'table' }, db: { type: 'string' }, precision: { type: 'string' } },
      usage,
    )
    const [q, ...more] = positionals
    if (q === undefined || more.length > 0) throw misused('one query, in quotes, is asked', usage)
    const target = namedStore()
    const text = await queryText(values.db === undefined ? target : { ...target, bucket: values.db }, {
      q,
      format: oneOf(queryFormats, values.format, '--format', usage),
      precision:
        values.precision === undefined ? undefined : oneOf(queryPrecisions, values.precision, '--precision', usage),
      zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    })
    process.stdout.write(text)
    return 0
  },
}
