import { statSync } from 'node:fs'
import { parseMoment } from '@ioc/storage/tools/moment.ts'
import { misused, namedStore, oneOf, readArguments } from './arguments.ts'
import type { Command } from './table.ts'

const usage = 'export --format csv|parquet --out FILE|FOLDER/ [--from TIME] [--to TIME] [--measurement NAME]…'

export const exportCommand: Command = {
  usage,
  title: 'write points of the running store to files; TIME is 2026-01-31, 2026-01-31T08:00+07:00, or -7d',
  async run(args) {
    const { values, positionals } = readArguments(
      args,
      {
        from: { type: 'string' },
        to: { type: 'string' },
        measurement: { type: 'string', multiple: true, default: [] },
        format: { type: 'string', default: 'csv' },
        out: { type: 'string' },
      },
      usage,
    )
    if (values.out === undefined || positionals.length > 0) throw misused('--out says where to', usage)
    // Not before it is needed: the engine that comes with it is large, and `ioc start` lives long.
    const { exportFormats, exportToFiles } = await import('@ioc/storage/tools/export.ts')
    const moment = (text: string | undefined) => (text === undefined ? undefined : parseMoment(text, Date.now()))
    const paths = await exportToFiles(namedStore(), {
      measurements: values.measurement,
      format: oneOf(exportFormats, values.format, '--format', usage),
      from: moment(values.from),
      to: moment(values.to),
      out: values.out,
    })
    for (const path of paths) process.stdout.write(`${path}\t${statSync(path).size} bytes\n`)
    return 0
  },
}
