import { statSync } from 'node:fs'
import { misused, namedStore, oneOf, print, readArguments, timeArgument } from './arguments.ts'
import type { Command } from './command.ts'

const usage =
  'export --out FILE|FOLDER/ [--format csv|parquet] [--from TIME] [--to TIME] [--measurement NAME]… [--json]'

export const exportCommand: Command = {
  usage,
  title: 'export points of the running store to files; TIME is 2026-01-31, 2026-01-31T08:00 (in Vietnam), now or -7d',
  async run(args) {
    const { values } = readArguments(
      args,
      {
        from: { type: 'string' },
        to: { type: 'string' },
        measurement: { type: 'string', multiple: true, default: [] },
        format: { type: 'string', default: 'csv' },
        out: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
      usage,
    )
    if (values.out === undefined) throw misused('--out is missing', usage)
    // Not before it is needed: the engine that comes with it is large, and `ioc start` lives long.
    const { exportFormats, exportToFiles } = await import('@ioc/storage/tools/export.ts')
    const format = oneOf(exportFormats, values.format, '--format', usage)
    const from = values.from === undefined ? undefined : timeArgument(values.from, '--from', usage)
    const to = values.to === undefined ? undefined : timeArgument(values.to, '--to', usage)
    if (from !== undefined && to !== undefined && from >= to) throw misused('--from must be before --to', usage)
    const paths = await exportToFiles(namedStore(), {
      measurements: values.measurement,
      format,
      from: nanoseconds(from),
      to: nanoseconds(to),
      out: values.out,
    })
    const files = paths.map((path) => ({ path, bytes: statSync(path).size }))
    print(values.json, files, files.map(({ path, bytes }) => `${path}\t${bytes} bytes\n`).join(''))
    return 0
  },
}

function nanoseconds(ms: number | undefined): bigint | undefined {
  return ms === undefined ? undefined : BigInt(Math.round(ms)) * 1_000_000n
}
