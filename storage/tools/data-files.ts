import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { IocError } from '@ioc/contract/errors.ts'
import { ensureFolder } from '@ioc/runtime/process.ts'
import { moveIntoPlace, withConnection } from '../backends/embedded/file.ts'

/** Append-only files of the data folder that a backup holds besides the store's points. */
export interface DataFiles {
  readonly folder: string
  /** Paths within the folder. */
  readonly names: readonly string[]
}

export const noDataFiles: DataFiles = { folder: '', names: [] }

/** A file as a backup holds it. */
export interface StoredFile {
  readonly name: string
  readonly content: Buffer
}

/**
 * The whole lines of the files that there are.
 * @throws IocError FOLDER_UNUSABLE where one cannot be read, so that no backup lacks it unnoticed
 */
export function readDataFiles({ folder, names }: DataFiles): readonly StoredFile[] {
  return names.flatMap((name) => {
    const path = join(folder, name)
    try {
      const content = readFileSync(path)
      return [{ name, content: content.subarray(0, content.lastIndexOf('\n') + 1) }]
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw new IocError('FOLDER_UNUSABLE', `cannot read ${path} (${(error as Error).message})`, { cause: error })
    }
  })
}

/** Adds files to a backup. */
export async function addDataFiles(path: string, files: readonly StoredFile[]): Promise<void> {
  await withConnection(path, async (connection) => {
    await connection.run('CREATE TABLE data_files (name VARCHAR, content BLOB)')
    for (const { name, content } of files)
      await connection.run('INSERT INTO data_files VALUES ($1, from_base64($2))', [name, content.toString('base64')])
    await connection.run('CHECKPOINT')
  })
}

/** Reads the files of a backup; one of an older version has none. */
export async function storedDataFiles(path: string): Promise<readonly StoredFile[]> {
  return withConnection(
    path,
    async (connection) => {
      const read = async (statement: string) => (await connection.runAndReadAll(statement)).getRows()
      const tables = await read("SELECT 1 FROM duckdb_tables() WHERE table_name = 'data_files'")
      if (tables.length === 0) return []
      const rows = await read('SELECT name, to_base64(content) FROM data_files')
      return rows.map(([name, text]) => ({ name: String(name), content: Buffer.from(String(text), 'base64') }))
    },
    { access_mode: 'READ_ONLY' },
  )
}

/** Files that differ from those of a backup, and do not merely hold more than they. */
export function contradictingFiles(folder: string, files: readonly StoredFile[]): readonly string[] {
  return files.filter((file) => stateOf(folder, file) === 'other').map(({ name }) => join(folder, name))
}

/** Writes the files of a backup. What it replaces stays beside it, as `….replaced`; one that goes on from it stays. */
export function restoreDataFiles(folder: string, files: readonly StoredFile[]): void {
  for (const file of files) {
    const path = join(folder, file.name)
    const state = stateOf(folder, file)
    if (state === 'same or more') continue
    if (state === 'other') moveIntoPlace(path, `${path}.replaced`)
    ensureFolder(dirname(path))
    writeFileSync(`${path}.restored`, file.content, { mode: 0o640 })
    moveIntoPlace(`${path}.restored`, path)
  }
}

function stateOf(folder: string, { name, content }: StoredFile): 'missing' | 'same or more' | 'other' {
  const path = join(folder, name)
  if (!existsSync(path)) return 'missing'
  const present = readFileSync(path)
  if (present.subarray(0, content.length).equals(content)) return 'same or more'
  // An older state of the same file has nothing that the backup lacks.
  return content.subarray(0, present.length).equals(present) ? 'missing' : 'other'
}
