import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { chmod, mkdir, readdir, rename, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { IocError } from '@ioc/contract/errors.ts'
import { type AgentRelease, packedFile, type ReleaseFile } from '@ioc/contract/messages/agent-release.ts'
import { syncFolder } from '@ioc/runtime/private-file.ts'
import type { CentreApi } from '../centre-api.ts'
import { download } from './download.ts'
import { sizeOf } from './release.ts'

/** Free space that a release needs, as a multiple of its size. */
const spaceFactor = 3
/** Name of the folder of what is not complete yet: no version has it. */
const stagingName = '.staging'

const privateFile = 0o600
const privateProgram = 0o700

export interface Staging {
  /** Folder of versions. */
  readonly versions: string
  /** Folder of the version that runs: what is the same there is not downloaded. */
  readonly running: string
  readonly api: CentreApi
  readonly maxBytesPerS: number
  readonly signal: AbortSignal
  /** Called before each download; waits where the time for downloads is over. */
  readonly beforeDownload: () => Promise<void>
}

/**
 * Puts a release into its folder below `versions`. It is built up beside it, each file verified and on disk, and renamed
 * when it is complete: a folder of a version is complete or does not exist. Continues where it was interrupted.
 * @throws IocError DISK_FULL, UPDATE_DAMAGED, UPDATE_UNKNOWN, CENTRE_UNREACHABLE
 */
export async function stageRelease(release: AgentRelease, staging: Staging): Promise<void> {
  const { versions } = staging
  const target = join(versions, release.version)
  const root = join(versions, stagingName)
  const folder = join(root, release.version)
  try {
    if (existsSync(target)) {
      if (await isWhole(release, target)) return
      await rm(target, { recursive: true, force: true })
    }
    await prune(root, [release.version])
    await mkdir(folder, { recursive: true })
    await requireSpace(release, versions)
    const tree = join(folder, 'tree')
    for (const file of release.files) await stageFile(file, tree, staging, join(folder, 'downloads'))
    await removeOthers(release, tree)
    await syncFolders(tree)
    await rename(tree, target)
    syncFolder(versions)
    await rm(root, { recursive: true, force: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC' || (error as NodeJS.ErrnoException).code === 'EDQUOT') {
      // The room is needed for messages.
      await rm(root, { recursive: true, force: true })
      throw new IocError('DISK_FULL', `the disk is full: ${(error as Error).message}`, { cause: error })
    }
    throw error
  }
}

/** Removes what is in a folder, but for some names. */
export async function prune(folder: string, kept: readonly string[]): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names) if (!kept.includes(name)) await rm(join(folder, name), { recursive: true, force: true })
}

async function requireSpace(release: AgentRelease, versions: string): Promise<void> {
  const { bavail, bsize } = await statfs(versions)
  const [free, needed] = [bavail * bsize, spaceFactor * sizeOf(release)]
  if (free >= needed) return
  await rm(join(versions, stagingName), { recursive: true, force: true })
  const mb = (bytes: number): number => Math.ceil(bytes / 1e6)
  throw new IocError('DISK_FULL', `the update needs ${mb(needed)} MB, ${mb(free)} MB are free`)
}

async function stageFile(file: ReleaseFile, tree: string, staging: Staging, downloads: string): Promise<void> {
  const target = join(tree, file.path)
  if (await isSame(file, target)) return
  await mkdir(dirname(target), { recursive: true })
  const present = join(staging.running, file.path)
  if (await isSame(file, present)) {
    await write(createReadStream(present), file, target)
    return
  }
  await staging.beforeDownload()
  await mkdir(downloads, { recursive: true })
  const packed = join(downloads, file.packed_sha256)
  await download(packed, { ...staging, path: `/agent/${packedFile(file.packed_sha256)}`, size: file.packed_size })
  if ((await digest(packed)) !== file.packed_sha256) {
    await rm(packed, { force: true })
    throw new IocError('UPDATE_DAMAGED', `${file.path} was changed: its checksum is wrong`)
  }
  await write(createReadStream(packed).pipe(createGunzip()), file, target)
  await rm(packed, { force: true })
}

/** Writes a file that is known to be right by its digest, or throws. */
async function write(source: NodeJS.ReadableStream, file: ReleaseFile, target: string): Promise<void> {
  const hash = createHash('sha256')
  let size = 0
  const measured = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      size += chunk.length
      done(
        size > file.size ? new IocError('UPDATE_DAMAGED', `${file.path} is larger than the release says`) : null,
        chunk,
      )
    },
  })
  const draft = `${target}.new`
  await rm(draft, { force: true })
  try {
    await pipeline(source, measured, createWriteStream(draft, { flags: 'wx', mode: privateFile, flush: true }))
  } catch (error) {
    await rm(draft, { force: true })
    if (String((error as NodeJS.ErrnoException).code).startsWith('Z_')) {
      throw new IocError('UPDATE_DAMAGED', `${file.path} cannot be unpacked`, { cause: error })
    }
    throw error
  }
  if (size !== file.size || hash.digest('hex') !== file.sha256) {
    await rm(draft, { force: true })
    throw new IocError('UPDATE_DAMAGED', `${file.path} was changed: its checksum is wrong`)
  }
  if (file.executable) await chmod(draft, privateProgram)
  await rename(draft, target)
}

async function isWhole({ files }: AgentRelease, folder: string): Promise<boolean> {
  for (const file of files) if (!(await isSame(file, join(folder, file.path)))) return false
  return true
}

async function isSame(file: ReleaseFile, path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found?.isFile() === true && found.size === file.size && (await digest(path)) === file.sha256
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** What an interrupted attempt left that is not of the release. */
async function removeOthers({ files }: AgentRelease, tree: string): Promise<void> {
  const known = new Set(files.map(({ path }) => join(tree, path)))
  for (const entry of await readdir(tree, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isDirectory() && !known.has(path)) await rm(path, { force: true })
  }
}

async function syncFolders(tree: string): Promise<void> {
  const entries = await readdir(tree, { recursive: true, withFileTypes: true })
  for (const entry of entries) if (entry.isDirectory()) syncFolder(join(entry.parentPath, entry.name))
  syncFolder(tree)
}
