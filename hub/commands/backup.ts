import { resolve } from 'node:path'
import { commonOptions } from '@ioc/contract/common-options.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { type Backup, restore as readBackup, backup as writeBackup } from '@ioc/storage/tools/backup.ts'
import { misused, namedStore, readArguments } from './arguments.ts'
import type { Command } from './table.ts'

const backupUsage = 'backup FILE|FOLDER/'
const restoreUsage = 'restore FILE|FOLDER/ [--force]'

export const backup: Command = {
  usage: backupUsage,
  title: 'copy the running store, as of one moment, to a file, and check the copy',
  async run(args) {
    const [to, ...more] = readArguments(args, {}, backupUsage).positionals
    if (to === undefined || more.length > 0) throw misused('one place is asked', backupUsage)
    process.stdout.write(describe(await writeBackup(namedStore(), to, new Date())))
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
    process.stdout.write(describe(await readBackup(from, folder, values.force)))
    return 0
  },
}

function describe({ path, bytes, manifest }: Backup): string {
  const rows = Object.values(manifest.rows).reduce((sum, some) => sum + some, 0)
  return `${path}\t${bytes} bytes\tof ${manifest.created}\t${manifest.series} series\t${rows} rows\n`
}
