import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { problemTexts } from '../../mapping/collected.ts'
import { type Mapped, Mapping } from '../../mapping/mapping.ts'
import type { Reason } from '../../mapping/value.ts'
import type { Collected, Collector, CollectorContext } from '../collector.ts'
import { StateFile } from '../state-file.ts'
import { findTable } from './header.ts'
import type { FolderOptions } from './kind.ts'
import { type Outcome, outcomeSuffix, writeOutcome } from './outcome.ts'
import { FileRefused, parseFile, requireSize } from './parse.ts'

/** Files whose content is known, at most: the oldest are evicted first. */
const maxKnown = 20_000
/** Files of the folder that are looked at, at most. */
const maxFiles = 10_000

/** A file whose stamp is the same is not read again. */
interface Stamp {
  readonly size: number
  readonly mtime: number
}

interface Known extends Stamp {
  readonly name: string
  readonly sha256: string
  readonly isRefused: boolean
}

/** What a file contains. */
interface Read {
  readonly sha256: string
  readonly rows?: number
  readonly mapped?: Mapped
  /** Why nothing of it is used. */
  readonly refused?: Reason
}

interface State {
  /** Files that were read, the oldest first. */
  readonly files: readonly Known[]
}

interface Sighting extends Stamp {
  /** When it was first seen like this, in ms, monotonic. */
  readonly at: number
}

/** A file that may be read. */
interface Candidate extends Sighting {
  readonly name: string
}

/** A file that another program has locked, or that the agent may not read. It stays where it is, and is tried again. */
class FileUnreadable extends Error {}

/**
 * Reads the files that people put into a folder, each once: its content identifies it, so that a renamed copy counts once. By
 * polling, since shares of other machines report no changes. Files are neither moved nor deleted.
 */
export function createFolderCollector(options: FolderOptions, { folder: own }: CollectorContext): Collector {
  const mapping = new Mapping(options.map)
  const stateFile = new StateFile<State>(own)
  const extensions = options.extensions ?? ['csv', 'xls', 'xlsx']
  const sightings = new Map<string, Sighting>()
  let known: readonly Known[] | undefined

  /** Files that were not read, and did not change for a while, the oldest first. */
  async function readyFiles(files: readonly Known[]): Promise<Candidate[]> {
    const names = new Set((await readdir(options.path)).filter((name) => isWanted(name, extensions)).slice(0, maxFiles))
    for (const name of sightings.keys()) if (!names.has(name)) sightings.delete(name)
    const knownByName = new Map(files.map((file) => [file.name, file]))
    const ready: Candidate[] = []
    for (const name of names) {
      const info = await stat(join(options.path, name)).catch(() => undefined)
      if (!info?.isFile()) continue
      const seen = { size: info.size, mtime: Math.floor(info.mtimeMs) }
      if (isSame(knownByName.get(name), seen)) continue
      const last = sightings.get(name)
      if (!last || !isSame(last, seen)) sightings.set(name, { ...seen, at: performance.now() })
      else if (performance.now() - last.at >= options.settle_s * 1000) ready.push({ ...last, name })
    }
    return ready.toSorted((a, b) => a.mtime - b.mtime)
  }

  async function readOne(
    { name, size, mtime }: Candidate,
    files: readonly Known[],
    signal: AbortSignal,
  ): Promise<Read> {
    let sha256 = ''
    try {
      requireSize(size)
      const bytes = await readFile(join(options.path, name)).catch((cause: Error) => {
        throw new FileUnreadable(`${name}: ${cause.message}`, { cause })
      })
      sha256 = createHash('sha256').update(bytes).digest('hex')
      const same = files.find((file) => !file.isRefused && file.sha256 === sha256)
      if (same)
        throw new FileRefused({ vi: `trùng nội dung với tệp ${same.name} đã nhận`, en: `same content as ${same.name}` })
      const isText = /\.(csv|txt)$/i.test(name)
      const { encoding, delimiter, sheet, max_bad_percent } = options
      const sheets = await parseFile({ bytes, isText, encoding, delimiter, sheet }, signal)
      const table = findTable(sheets, mapping.sources)
      if ('missing' in table) {
        const names = table.missing.join(', ')
        throw new FileRefused({ vi: `không tìm thấy cột: ${names}`, en: `no column ${names}` })
      }
      const rows = table.rows.length
      const mapped = mapping.map(table.rows, { ts: mtime, decimal: undefined })
      const bad = rows - mapped.usedRows
      const isRefused = bad > (max_bad_percent / 100) * rows
      const refused = { vi: `${bad} trên ${rows} dòng có lỗi`, en: `${bad} of ${rows} rows are invalid` }
      return { sha256, rows, mapped, ...(isRefused ? { refused } : {}) }
    } catch (error) {
      if (!(error instanceof FileRefused)) throw error
      return { sha256, refused: error.reason }
    }
  }

  return {
    devices: () => mapping.devices(),
    async collect(signal): Promise<Collected> {
      known ??= stateFile.read()?.files ?? []
      const files = known
      // One that cannot be read now does not hold up those after it.
      const unreadable: string[] = []
      for (const next of await readyFiles(files)) {
        const read = await readOne(next, files, signal).catch((error: unknown) => {
          if (!(error instanceof FileUnreadable)) throw error
          unreadable.push(error.message)
        })
        if (read) return collectedOf(next, read, files, unreadable)
      }
      return unreadable.length > 0 ? { problems: unreadable } : {}
    },
  }

  function collectedOf(
    { name, size, mtime }: Candidate,
    read: Read,
    files: readonly Known[],
    unreadable: readonly string[],
  ): Collected {
    const { sha256, mapped, refused } = read
    return {
      ...(mapped && !refused ? { measurements: mapped.measurements, cases: mapped.cases } : {}),
      problems: [
        ...unreadable,
        ...(refused ? [`${name}: ${refused.en}`] : []),
        ...(mapped ? problemTexts(mapped, 'row ').map((text) => `${name}: ${text}`) : []),
      ],
      past: true,
      async commit() {
        const latest = { name, size, mtime, sha256, isRefused: refused !== undefined }
        known = [...files.filter((file) => file.name !== name), latest].slice(-maxKnown)
        sightings.delete(name)
        // A file that was refused is read again after a restart, when its mapping may be another.
        if (!refused) await stateFile.write({ files: known.filter((file) => !file.isRefused) })
        if (options.outcome === 'beside') await writeOutcome(options.path, own, outcomeOf(name, read))
      },
    }
  }
}

function outcomeOf(file: string, { rows = 0, mapped, refused }: Read): Outcome {
  return {
    file,
    rows,
    usedRows: mapped?.usedRows ?? 0,
    measurements: mapped?.measurements.length ?? 0,
    cases: mapped?.cases.length ?? 0,
    problems: mapped?.problems ?? [],
    moreProblems: mapped?.moreProblems ?? 0,
    ...(refused ? { refused } : {}),
  }
}

function isSame(last: Stamp | undefined, now: Stamp): boolean {
  return last?.size === now.size && last.mtime === now.mtime
}

/** Not those that a program is writing, has locked, or hides; nor outcomes. */
function isWanted(name: string, extensions: readonly string[]): boolean {
  if (/^(~\$|\.)/.test(name) || /\.(tmp|crdownload|part)$/i.test(name) || name.endsWith(outcomeSuffix)) return false
  return extensions.some((extension) => name.toLowerCase().endsWith(`.${extension}`))
}
