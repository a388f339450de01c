import { dirname, join } from 'node:path'
import type { ApiWorkEntry } from '@ioc/contract/messages/api-incidents.ts'
import { linesOfAppendFile, openAppendFile } from '@ioc/runtime/append-file.ts'
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
  const byDevice = new Map<string, ApiWorkEntry[]>()
  for (const entry of entries) keep(entry)
  let lastId = Math.max(0, ...entries.map(({ id }) => id)) + damaged.length
  const file = openAppendFile(path, bytes)

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
      file.append(entry)
      lastId = entry.id
      keep(entry)
      return entry
    },
    stop() {
      if (isOpen) file.close()
      isOpen = false
    },
  }
}

interface Content {
  readonly entries: readonly ApiWorkEntry[]
  /** Up to the end of the last whole line. */
  readonly bytes: number
  /** Numbers of the lines that do not match their check sum. */
  readonly damaged: readonly number[]
}

function readEntries(path: string): Content {
  const entries: ApiWorkEntry[] = []
  const damaged: number[] = []
  let bytes = 0
  let number = 0
  for (const { value, isCut, end } of linesOfAppendFile(path)) {
    if (isCut) break
    number++
    bytes = end
    if (value === undefined) damaged.push(number)
    else entries.push(value as ApiWorkEntry)
  }
  return { entries, bytes, damaged }
}
