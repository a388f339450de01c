import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { maxStillBytes } from '@ioc/contract/messages/camera-link.ts'
import { ensureFolder } from '@ioc/runtime/process.ts'

export interface StillLimits {
  /** The last still of a camera is kept for so long, in ms: a picture of last week says nothing of a camera that is dead. */
  readonly lastMs: number
  /** Stills of incidents are kept for so long after they were taken, in ms. */
  readonly incidentMs: number
}

export interface StoredStill {
  readonly jpeg: Buffer
  readonly ts: number
}

export interface IncidentStill {
  readonly name: string
  readonly site: string
  readonly camera: string
  readonly ts: number
}

/** Stills of one incident. */
const maxPerIncident = 20
/** Cameras whose last still is kept, and incidents with stills. */
const maxCameras = 5_000
const maxIncidents = 1_000
/** Read by the user of the process alone. */
const fileMode = 0o600
/** `{ts}-{site}@{camera}.jpg`: no slug has that sign, so that no two cameras share a name. */
const nameFormat = /^(\d{1,15})-([A-Za-z0-9_.-]+)@([A-Za-z0-9_.-]+)\.jpg$/

/**
 * Stills on the disk: of each camera the last one, and those of incidents. Nothing else is kept, and both expire: the files are
 * removed, not marked.
 */
export class StillStore {
  readonly #last: string
  readonly #incidents: string
  readonly #limits: StillLimits

  constructor(dataDir: string, limits: StillLimits) {
    const folder = join(dataDir, 'wall', 'stills')
    this.#last = join(folder, 'last')
    this.#incidents = join(folder, 'incidents')
    this.#limits = limits
  }

  /** Replaces the last still of a camera; an older one, as after a reconnection, is left out. */
  putLast(site: string, camera: string, { jpeg, ts }: StoredStill): void {
    if (jpeg.length > maxStillBytes) return
    const path = this.#lastPath(site, camera)
    const before = statSync(path, { throwIfNoEntry: false })
    if (before && before.mtimeMs > ts) return
    ensureFolder(this.#last)
    if (!before && readdirSync(this.#last).length >= maxCameras) return
    write(path, jpeg, ts)
  }

  last(site: string, camera: string, now = Date.now()): StoredStill | undefined {
    const ts = this.lastTs(site, camera, now)
    return ts === undefined ? undefined : { jpeg: readFileSync(this.#lastPath(site, camera)), ts }
  }

  /** When the last still of a camera was taken: lists and pages need no more, and the picture is not read. */
  lastTs(site: string, camera: string, now = Date.now()): number | undefined {
    const stats = statSync(this.#lastPath(site, camera), { throwIfNoEntry: false })
    return stats && stats.mtimeMs >= now - this.#limits.lastMs ? Math.round(stats.mtimeMs) : undefined
  }

  /** Keeps a still for an incident. @returns whether it is there now */
  keep(incident: number, site: string, camera: string, { jpeg, ts }: StoredStill): boolean {
    const folder = join(this.#incidents, String(incident))
    if (!existsSync(folder) && existsSync(this.#incidents) && readdirSync(this.#incidents).length >= maxIncidents) {
      return false
    }
    ensureFolder(folder)
    const name = `${ts}-${site}@${camera}.jpg`
    if (existsSync(join(folder, name))) return true
    if (readdirSync(folder).length >= maxPerIncident) return false
    write(join(folder, name), jpeg, ts)
    return true
  }

  /** An expired still is not served either, before its file is removed. */
  ofIncident(incident: number, now = Date.now()): IncidentStill[] {
    const folder = join(this.#incidents, String(incident))
    if (!existsSync(folder)) return []
    return readdirSync(folder)
      .sort()
      .flatMap((name) => {
        const [, ts, site, camera] = nameFormat.exec(name) ?? []
        if (ts === undefined || site === undefined || camera === undefined) return []
        return Number(ts) < now - this.#limits.incidentMs ? [] : [{ name, site, camera, ts: Number(ts) }]
      })
  }

  readOfIncident(incident: number, name: string, now = Date.now()): Buffer | undefined {
    if (!this.ofIncident(incident, now).some((one) => one.name === name)) return undefined
    const path = join(this.#incidents, String(incident), name)
    return readFileSync(path)
  }

  /** A camera was removed. */
  removeLast(site: string, camera: string): void {
    rmSync(this.#lastPath(site, camera), { force: true })
  }

  /** Removes what has expired. @returns how many stills */
  expire(now = Date.now()): number {
    let removed = 0
    for (const path of filesOf(this.#last)) removed += expireFile(path, now - this.#limits.lastMs)
    if (!existsSync(this.#incidents)) return removed
    for (const incident of readdirSync(this.#incidents)) {
      const folder = join(this.#incidents, incident)
      for (const path of filesOf(folder)) removed += expireFile(path, now - this.#limits.incidentMs)
      if (readdirSync(folder).length === 0) rmSync(folder, { recursive: true })
    }
    return removed
  }

  #lastPath(site: string, camera: string): string {
    return join(this.#last, `${site}@${camera}.jpg`)
  }
}

function write(path: string, jpeg: Buffer, ts: number): void {
  const temporary = `${path}.new`
  writeFileSync(temporary, jpeg, { mode: fileMode })
  utimesSync(temporary, new Date(ts), new Date(ts))
  renameSync(temporary, path)
}

const filesOf = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []

/** Also what a crash left unfinished. */
function expireFile(path: string, before: number): number {
  if (statSync(path).mtimeMs >= before) return 0
  rmSync(path)
  return 1
}
