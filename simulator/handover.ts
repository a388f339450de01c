import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writePrivateJson } from '@ioc/runtime/private-file.ts'
import { simulatorFolder } from './credentials.ts'

/** How often it is written down that a bridge reports the cameras, in ms: after a crash no more of their time is unknown. */
const noteMs = 15_000

/**
 * The time in which a bridge reports the simulated cameras. It is written down, so that the next start fills in only what no
 * bridge reported: a value that was simulated beside it would be a second one of the same camera.
 */
export class Handover {
  readonly #path: string
  #timer: NodeJS.Timeout | undefined

  constructor(dataDir: string) {
    this.#path = join(simulatorFolder(dataDir), 'handover.json')
  }

  /** Until when a bridge reported, in ms since 1970; undefined where none ever did. */
  get until(): number | undefined {
    if (!existsSync(this.#path)) return undefined
    return (JSON.parse(readFileSync(this.#path, 'utf8')) as { readonly until: number }).until
  }

  /** A bridge reports from now on. */
  start(): void {
    this.#note()
    this.#timer = setInterval(() => this.#note(), noteMs)
  }

  stop(): void {
    if (!this.#timer) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#note()
  }

  #note(): void {
    writePrivateJson(this.#path, { until: Date.now() })
  }
}
