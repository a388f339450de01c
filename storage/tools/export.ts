import { existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { IocError, isIocError } from '@ioc/contract/errors.ts'
import { makeFolder } from '@ioc/runtime/folder.ts'
import { type ExportFormat, uniqueNames } from '../backends/embedded/export.ts'
import { createReader } from '../reader/reader.ts'
import { request } from '../reader/request.ts'
import { ownHeader, type StoreTarget } from '../target.ts'
import { download } from './download.ts'
import { type PagesOrder, writePages } from './export-pages.ts'

export const exportFormats: readonly ExportFormat[] = ['csv', 'parquet']

export interface ExportOrder extends PagesOrder {
  /** All of them when empty. */
  readonly measurements: readonly string[]
  /** A file, for one measurement; or a folder, which gets one file for each. */
  readonly out: string
}

/**
 * Writes points into files; resolves to their paths. A file appears when it is whole.
 * @throws IocError FILE_EXISTS, OPTION_INVALID, and as a reader does
 */
export async function exportToFiles(target: StoreTarget, order: ExportOrder): Promise<string[]> {
  const own = (await request(target, '/ping', {}, 10_000)).headers.has(ownHeader)
  const names = order.measurements.length > 0 ? order.measurements : await allMeasurements(target)
  const folder = isFolder(order.out)
  if (!folder && names.length !== 1) {
    throw new IocError(
      'OPTION_INVALID',
      `${names.length} measurements do not fit into one file: name a folder (${order.out}/)`,
    )
  }
  const files = uniqueNames(names.map(fileName))
  const paths = folder ? files.map((name) => join(order.out, `${name}.${order.format}`)) : [order.out]
  for (const path of paths) refuseToOverwrite(path)
  for (const [index, path] of paths.entries()) {
    const name = names[index] ?? ''
    await whole(path, (part) =>
      own ? download(target, exportPath(target, name, order), 'GET', part) : writePages(target, name, order, part),
    )
  }
  return paths
}

function exportPath({ bucket }: StoreTarget, measurement: string, { format, from, to }: ExportOrder): string {
  const query = new URLSearchParams({ db: bucket, measurement, format })
  if (from !== undefined) query.set('from', String(from))
  if (to !== undefined) query.set('to', String(to))
  return `/export?${query}`
}

async function allMeasurements(target: StoreTarget): Promise<string[]> {
  const [series] = await createReader({ target }).query('SHOW MEASUREMENTS')
  return (series?.values ?? []).map(([name]) => String(name))
}

/** A path that is a folder, or that ends as one. */
export function isFolder(path: string): boolean {
  return path.endsWith('/') || (existsSync(path) && statSync(path).isDirectory())
}

/** A measurement's name as a file's: what paths give a meaning to is written as in URLs. */
function fileName(name: string): string {
  return encodeURIComponent(name).replace(/^\./, '%2E').slice(0, 200)
}

/** @throws IocError FILE_EXISTS */
export function refuseToOverwrite(path: string): void {
  if (existsSync(path))
    throw new IocError('FILE_EXISTS', `${path} already exists: choose another name, or move the file away`)
}

/**
 * Writes a file under another name, in a folder that is created where it is missing, and names it when it is whole.
 * @throws IocError FOLDER_UNUSABLE
 */
export async function whole<T>(path: string, write: (part: string) => Promise<T>): Promise<T> {
  const part = `${path}.part`
  try {
    makeFolder(dirname(path))
    try {
      const result = await write(part)
      renameSync(part, path)
      return result
    } finally {
      for (const leftover of [part, `${part}.wal`]) rmSync(leftover, { force: true })
    }
  } catch (error) {
    if (isIocError(error)) throw error
    const message = `cannot write ${path} (${(error as Error).message}): choose a path that this user can write to`
    throw new IocError('FOLDER_UNUSABLE', message, { cause: error })
  }
}
