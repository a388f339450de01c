import { resolve } from 'node:path'
import { commonOptions } from '@ioc/contract/common-options.ts'
import { readOptions } from '@ioc/contract/options.ts'
import type { Backup } from '@ioc/storage/tools/backup.ts'
import { namedStore, print, readArguments } from './arguments.ts'
import type { Command } from './table.ts'

const backupUsage = 'backup FILE|FOLDER/ [--json]'
const restoreUsage = 'restore FILE|FOLDER/ [--force] [--json]'

const json = { type: 'boolean', default: false } as const

/** Not before it is needed: the engine that comes with it is large, and `ioc start` lives long. */
const load = () => import('@ioc/storage/tools/backup.ts')

export const backup: Command = {
  usage: backupUsage,
  title: 'back up the running store, as of one moment, and verify the copy',
  async run(args) {
    const { values, positionals } = readArguments(args, { json }, backupUsage, ['FILE'])
    const [to = ''] = positionals
    const tools = await load()
    printBackup(values.json, await tools.backup(namedStore(), to, new Date()))
    return 0
  },
}

export const restore: Command = {
  usage: restoreUsage,
  title: 'restore a backup, or the newest of a folder; the store must be stopped',
  async run(args) {
    const options = { force: { type: 'boolean', default: false }, json } as const
    const { values, positionals } = readArguments(args, options, restoreUsage, ['FILE'])
    const [from = ''] = positionals
    const folder = resolve(readOptions(commonOptions, process.env).dataDir, 'storage')
    const tools = await load()
    printBackup(values.json, await tools.restore(from, folder, values.force))
    return 0
  },
}

function printBackup(asJson: boolean, { path, bytes, manifest }: Backup): void {
  const rows = Object.values(manifest.rows).reduce((sum, some) => sum + some, 0)
  const text = `${path}\t${bytes} bytes\tcreated ${manifest.created}\t${manifest.series} series\t${rows} rows\n`
  print(asJson, { path, bytes, created: manifest.created, series: manifest.series, rows }, text)
}
