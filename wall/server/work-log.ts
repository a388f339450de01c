import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { ApiWorkEntry } from '@ioc/contract/messages/api-incidents.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import { ensureFolder } from '@ioc/runtime/process.ts'
import { workLogFile } from '@ioc/runtime/work-log-file.ts'

/** What was repaired, by device: an append-only journal. A line is a check sum, a space, and an entry as JSON. */
export interface WorkLog {
  /** Of one device, the newest first. */
  of(site: string, device: string): readonly ApiWorkEntry[]
  /** When it returns, the entry is on the disk. @throws Error of the system, e.g. a full disk */
  add(entry: Omit<ApiWorkEntry, 'id'>): ApiWorkEntry
  stop(): void
}

/**
 * A damaged line is left out, and stays in the file: the wall has to start for all else that it shows.
 * @throws IocError FOLDER_UNUSABLE
 */
export function openWorkLog(dataDir: string, logger: Pick<Logger, 'error'>): WorkLog {
  const path = join(dataDir, workLogFile)
  ensureFolder(dirname(path))
  const { entries, bytes, damaged } = readEntries(path)
  if (damaged.length > 0) logger.error({ file: path, lines: damaged }, 'lines of the work log are damaged')
  // What a crash cut off was never acknowledged.
  if (existsSync(path)) truncateSync(path, bytes)
  const byDevice = new Map<string, ApiWorkEntry[]>()
  for (const entry of entries) keep(entry)
  let lastId = Math.max(0, ...entries.map(({ id }) => id)) + damaged.length
  let length = bytes
  const file = openSync(path, 'a', 0o640)

  function keep(entry: ApiWorkEntry): void {
    const key = `${entry.site}/${entry.device}`
    const own = byDevice.get(key) ?? []
    own.push(entry)
    byDevice.set(key, own)
  }

  let isOpen = true
  return {
    of: (site, device) => [...(byDevice.get(`${site}/${device}`) ?? [])].sort((a, b) => b.at - a.at || b.id - a.id),
    add(given) {
      const entry: ApiWorkEntry = { id: lastId + 1, ...given }
      const line = lineOf(entry)
      try {
        writeSync(file, line)
        fsyncSync(file)
      } catch (error) {
        // Half a line would make what follows unreadable.
        ftruncateSync(file, length)
        throw error
      }
      length += line.length
      lastId = entry.id
      keep(entry)
      return entry
    },
    stop() {
      if (isOpen) closeSync(file)
      isOpen = false
    },
  }
}

function lineOf(entry: ApiWorkEntry): Buffer {
  const json = JSON.stringify(entry)
  return Buffer.from(`${checkSum(json)} ${json}\n`)
}

const checkSum = (text: string): string => crc32(text).toString(16).padStart(8, '0')

interface Content {
  readonly entries: readonly ApiWorkEntry[]
  /** Up to the end of the last whole line. */
  readonly bytes: number
  /** Numbers of the lines that do not match their check sum. */
  readonly damaged: readonly number[]
}

function readEntries(path: string): Content {
  if (!existsSync(path)) return { entries: [], bytes: 0, damaged: [] }
  const content = readFileSync(path)
  const bytes = content.lastIndexOf('\n') + 1
  const entries: ApiWorkEntry[] = []
  const damaged: number[] = []
  for (const [index, line] of content.subarray(0, bytes).toString().split('\n').entries()) {
    if (line === '') continue
    const [sum, json] = [line.slice(0, 8), line.slice(9)]
    if (checkSum(json) === sum) entries.push(JSON.parse(json) as ApiWorkEntry)
    else damaged.push(index + 1)
  }
  return { entries, bytes, damaged }
}
