import { existsSync, readdirSync, statSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { IocError } from '@ioc/contract/errors.ts'
import { type BackupManifest, checkBackup } from '../backends/embedded/backup.ts'
import { firstLine, moveIntoPlace, pointsFile, removeBesides, withConnection } from '../backends/embedded/file.ts'
import { request } from '../reader/request.ts'
import { ownHeader, type StoreTarget } from '../target.ts'
import {
  addDataFiles,
  contradictingFiles,
  noDataFiles,
  readDataFiles,
  restoreDataFiles,
  storedDataFiles,
} from './data-files.ts'
import { download } from './download.ts'
import { isFolder, refuseToOverwrite, whole } from './export.ts'

export interface Backup {
  readonly path: string
  readonly bytes: number
  readonly manifest: BackupManifest
  /** Paths of the files of the data folder that it holds. */
  readonly files: readonly string[]
}

const prefix = 'ioc-store-'
const suffix = '.duckdb'

/**
 * Copies everything that a running embedded store holds into one file, and reads it whole to see that it is all there.
 * @param to a file, or a folder, in which the file gets the time as its name
 * @param data files that it holds as well
 * @throws IocError STORE_UNREACHABLE, STORE_UNAUTHORIZED, FILE_EXISTS, BACKUP_INVALID, FOLDER_UNUSABLE
 */
export async function backup(target: StoreTarget, to: string, now: Date, data = noDataFiles): Promise<Backup> {
  const { headers } = await request(target, '/ping', {}, 10_000)
  if (!headers.has(ownHeader)) {
    throw new IocError(
      'OPTION_INVALID',
      `${target.url} is not an embedded store: use the tool of that server, such as influxd backup`,
    )
  }
  const path = isFolder(to) ? join(to, `${prefix}${now.toISOString().replaceAll(':', '')}${suffix}`) : to
  refuseToOverwrite(path)
  const files = readDataFiles(data)
  const manifest = await whole(path, async (part) => {
    await download(target, '/backup', 'POST', part)
    const manifest = await checkBackup(part)
    await addDataFiles(part, files)
    return manifest
  })
  return { path, bytes: statSync(path).size, manifest, files: files.map(({ name }) => name) }
}

/**
 * Makes a backup the store of this machine, and restores the files of the data folder.
 * @param from a backup, or a folder, of which the newest is taken
 * @param folder the store's
 * @param force whether a store that holds points, and files with other lines, may be replaced
 * @param dataFolder where the files that it holds besides are restored
 * @throws IocError BACKUP_INVALID, STORE_RUNNING, FILE_EXISTS, FOLDER_UNUSABLE
 */
export async function restore(
  from: string,
  folder: string,
  force: boolean,
  dataFolder = noDataFiles.folder,
): Promise<Backup> {
  const path = isFolder(from) ? newest(from) : from
  if (!existsSync(path)) throw new IocError('BACKUP_INVALID', `${path} does not exist`)
  const manifest = await checkBackup(path)
  const place = join(folder, pointsFile)
  await refuseToReplace(place, force)
  const files = dataFolder === '' ? [] : await storedDataFiles(path)
  const [other] = contradictingFiles(dataFolder, files)
  if (other !== undefined && !force)
    throw new IocError('FILE_EXISTS', `${other} has other lines than the backup: pass --force to replace it`)
  await whole(`${place}.restored`, async (part) => {
    await copyFile(path, part)
    await withConnection(part, async (connection) => {
      await connection.run('DROP TABLE backup')
      await connection.run('DROP TABLE IF EXISTS data_files')
      await connection.run('CHECKPOINT')
    })
  })
  // What the old file still had to fold in must not be folded into the new one.
  removeBesides(place)
  moveIntoPlace(`${place}.restored`, place)
  restoreDataFiles(dataFolder, files)
  return { path, bytes: statSync(place).size, manifest, files: files.map(({ name }) => name) }
}

function newest(folder: string): string {
  const name = filesOf(folder)
    .filter((one) => one.startsWith(prefix) && one.endsWith(suffix))
    .sort()
    .at(-1)
  if (name === undefined) throw new IocError('BACKUP_INVALID', `${folder} contains no ${prefix}…${suffix}`)
  return join(folder, name)
}

/** @throws IocError FOLDER_UNUSABLE */
function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    throw new IocError('FOLDER_UNUSABLE', `cannot read ${folder} (${(error as Error).message})`, { cause: error })
  }
}

/** A store's file is locked by the process that has it; a damaged one holds points too. */
async function refuseToReplace(place: string, force: boolean): Promise<void> {
  if (!existsSync(place)) return
  let empty = false
  try {
    const statement = 'SELECT 1 FROM series LIMIT 1'
    const found = await withConnection(place, (connection) => connection.runAndReadAll(statement), {
      access_mode: 'READ_ONLY',
    })
    empty = found.currentRowCount === 0
  } catch (error) {
    if (/lock on file/i.test(firstLine(error))) {
      throw new IocError('STORE_RUNNING', `a running store uses ${place}: stop it first`, { cause: error })
    }
  }
  if (!empty && !force) throw new IocError('FILE_EXISTS', `${place} contains points: pass --force to replace them`)
}
