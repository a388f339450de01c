import { join, resolve } from 'node:path'
import { commonOptions } from '@ioc/contract/common-options.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { workLogFile } from '@ioc/runtime/work-log-file.ts'
import type { Backup } from '@ioc/storage/tools/backup.ts'
import { namedStore, print, readArguments } from './arguments.ts'
import type { Command } from './command.ts'

const backupUsage = 'backup FILE|FOLDER/ [--json]'
const restoreUsage = 'restore FILE|FOLDER/ [--force] [--json]'

const json = { type: 'boolean', default: false } as const

/** Not before it is needed: the engine that comes with it is large, and `ioc start` lives long. */
const load = () => import('@ioc/storage/tools/backup.ts')

export const backup: Command = {
  usage: backupUsage,
  title: 'back up the running store and the work log, and verify the copy',
  async run(args) {
    const { values, positionals } = readArguments(args, { json }, backupUsage, ['FILE'])
    const [to = ''] = positionals
    const tools = await load()
    printBackup(
      values.json,
      await tools.backup(namedStore(), to, new Date(), { folder: dataFolder(), names: [workLogFile] }),
    )
    return 0
  },
}

export const restore: Command = {
  usage: restoreUsage,
  title: 'restore a backup, or the newest of a folder; the centre must be stopped',
  async run(args) {
    const options = { force: { type: 'boolean', default: false }, json } as const
    const { values, positionals } = readArguments(args, options, restoreUsage, ['FILE'])
    const [from = ''] = positionals
    const tools = await load()
    printBackup(values.json, await tools.restore(from, join(dataFolder(), 'storage'), values.force, dataFolder()))
    return 0
  },
}

const dataFolder = () => resolve(readOptions(commonOptions, process.env).dataDir)

function printBackup(asJson: boolean, { path, bytes, manifest, files }: Backup): void {
  const rows = Object.values(manifest.rows).reduce((sum, some) => sum + some, 0)
  const text = `${path}\t${bytes} bytes\tcreated ${manifest.created}\t${manifest.series} series\t${rows} rows${files.map((name) => `\t${name}`).join('')}\n`
  print(asJson, { path, bytes, created: manifest.created, series: manifest.series, rows, files }, text)
}
