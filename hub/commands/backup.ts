import { resolve } from 'node:path'
import { commonOptions } from '@ioc/contract/common-options.ts'
import { readOptions } from '@ioc/contract/options.ts'
import type { Backup } from '@ioc/storage/tools/backup.ts'
import { misused, namedStore, readArguments } from './arguments.ts'
import type { Command } from './table.ts'

const backupUsage = 'backup FILE|FOLDER/'
const restoreUsage = 'restore FILE|FOLDER/ [--force]'

/** Not before it is needed: the engine that comes with it is large, and `ioc start` lives long. */
const load = () => import('@ioc/storage/tools/backup.ts')

export const backup: Command = {
  usage: backupUsage,
  title: 'copy the running store, as of one moment, to a file, and check the copy',
  async run(args) {
    const [to, ...more] = readArguments(args, {}, backupUsage).positionals
    if (to === undefined || more.length > 0) throw misused('one place is asked', backupUsage)
    const tools = await load()
    process.stdout.write(describe(await tools.backup(namedStore(), to, new Date())))
    return 0
  },
}

export const restore: Command = {
  usage: restoreUsage,
  title: 'make a backup, the newest of a folder, the store of this machine, which must be stopped',
  async run(args) {
    const { values, positionals } = readArguments(args, { force: { type: 'boolean', default: false } }, restoreUsage)
    const [from, ...more] = positionals
    if (from === undefined || more.length > 0) throw misused('one backup is asked', restoreUsage)
    const folder = resolve(readOptions(commonOptions, process.env).dataDir, 'storage')
    const tools = await load()
    process.stdout.write(describe(await tools.restore(from, folder, values.force)))
    return 0
  },
}

function describe({ path, bytes, manifest }: Backup): string {
  const rows = Object.values(manifest.rows).reduce((sum, some) => sum + some, 0)
  return `${path}\t${bytes} bytes\tof ${manifest.created}\t${manifest.series} series\t${rows} rows\n`
}
