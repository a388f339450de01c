import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { ensureFolder } from '@ioc/runtime/process.ts'

/** What people do that is written down: another action is a line here. */
export const auditActions = [
  'session.login',
  'session.logout',
  'session.lock',
  'user.add',
  'user.set',
  'user.remove',
  'user.password',
  'token.add',
  'token.remove',
  'incident.acknowledge',
  'incident.assign',
  'incident.note',
  'incident.resolve',
  'cause.shelve',
  'cause.unshelve',
  'maintenance.add',
  'maintenance.end',
  'incident.acknowledge_by_link',
  'rota.override',
  'rota.end',
  'work.add',
  'channel.test',
  'push.subscribe',
  'push.unsubscribe',
  'node.add',
  'node.remove',
  'node.rotate',
  'node.enrol',
  'node.config',
  'node.collect',
  'node.logs',
  'enrolment.token',
  'enrolment.revoke',
  'enrolment.accept',
  'enrolment.reject',
  'rollout.start',
  'rollout.pause',
  'rollout.resume',
  'rollout.cancel',
  'device.remove',
  'type.remove',
  'type.restore',
  'camera.add',
  'camera.remove',
  'camera.address',
  'camera.replace',
  'camera.move',
  'camera.return',
  'camera.alarm',
  'still.view',
] as const
export type AuditAction = (typeof auditActions)[number]

export interface AuditEntry {
  /** ms since 1970. */
  readonly at: number
  readonly who: string
  readonly what: AuditAction
  /** What it was done to: a user, an incident, a node. */
  readonly target?: string
  /** An address, or `ioc` for the command line on the machine itself. */
  readonly from: string
  readonly detail?: Readonly<Record<string, string | number | readonly string[]>>
}

export interface AuditLimits {
  /** Bytes after which a file is followed by the next. */
  readonly maxFileBytes: number
  /** Files that are kept of changes, and of logins: the oldest are removed. */
  readonly maxFiles: number
}

export const auditLimits: AuditLimits = { maxFileBytes: 4_000_000, maxFiles: 25 }

/** Characters of a text of an entry: one write is one line, whatever somebody wrote into a note. */
const maxTextLength = 500
/** Logins have files of their own, so that nobody evicts changes from the log by logging in again and again. */
const series = ['changes', 'sessions', 'views'] as const
type Series = (typeof series)[number]
/** Views of stills, and moves of cameras, are many too. */
const seriesOf = ({ what }: AuditEntry): Series => {
  if (what.startsWith('session.')) return 'sessions'
  return what === 'still.view' || what === 'camera.move' || what === 'camera.return' ? 'views' : 'changes'
}

/**
 * What people changed, one JSON document a line, on disk when `append` returns. Several processes append to the same file:
 * the system adds each line as a whole at its end.
 */
export class AuditLog {
  readonly #folder: string
  readonly #limits: AuditLimits

  constructor(dataDir: string, limits: Partial<AuditLimits> = {}) {
    this.#folder = join(dataDir, 'audit')
    this.#limits = { ...auditLimits, ...limits }
  }

  /** @throws Error of the system, as for a full disk */
  append(entry: AuditEntry): void {
    ensureFolder(this.#folder)
    const file = openSync(this.#current(seriesOf(entry)), 'a+', 0o640)
    try {
      // A line that a crash cut off does not take the next one with it.
      const start = endsInLine(file) ? '\n' : ''
      writeSync(
        file,
        `${start}${JSON.stringify(entry, (_key, value) => (typeof value === 'string' ? value.slice(0, maxTextLength) : value))}\n`,
      )
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  }

  /** The newest entries, the newest last. Lines that a crash cut off are left out. */
  read(max: number, isWanted: (entry: AuditEntry) => boolean = () => true): AuditEntry[] {
    const newest = series.flatMap((one) => this.#newest(one, max, isWanted))
    return newest.sort((a, b) => a.at - b.at).slice(-max)
  }

  #newest(of: Series, max: number, isWanted: (entry: AuditEntry) => boolean): AuditEntry[] {
    const found: AuditEntry[] = []
    for (const { name } of this.#files(of).reverse()) {
      const lines = readFileSync(join(this.#folder, name), 'utf8').split('\n').reverse()
      for (const line of lines) {
        const entry = parse(line)
        if (entry && isWanted(entry)) found.push(entry)
        if (found.length === max) return found.reverse()
      }
    }
    return found.reverse()
  }

  /** The file that is written to; the next one where it is full. */
  #current(of: Series): string {
    const files = this.#files(of)
    const last = files.at(-1)
    if (!last) return this.#path(of, 1)
    const path = join(this.#folder, last.name)
    if (statSync(path).size < this.#limits.maxFileBytes) return path
    const excess = Math.max(0, files.length + 1 - this.#limits.maxFiles)
    for (const { name } of files.slice(0, excess)) rmSync(join(this.#folder, name), { force: true })
    return this.#path(of, last.number + 1)
  }

  #files(of: Series): { readonly name: string; readonly number: number }[] {
    try {
      return readdirSync(this.#folder)
        .flatMap((name) => {
          const number = new RegExp(`^${of}-(\\d{6,})\\.jsonl$`).exec(name)?.[1]
          return number === undefined ? [] : [{ name, number: Number(number) }]
        })
        .sort((a, b) => a.number - b.number)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  #path(of: Series, number: number): string {
    return join(this.#folder, `${of}-${String(number).padStart(6, '0')}.jsonl`)
  }
}

/** Whether the last line of a file is incomplete. */
function endsInLine(file: number): boolean {
  const { size } = fstatSync(file)
  const last = Buffer.alloc(1)
  return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last.toString() !== '\n'
}

function parse(line: string): AuditEntry | undefined {
  try {
    return line === '' ? undefined : (JSON.parse(line) as AuditEntry)
  } catch {
    return undefined
  }
}
