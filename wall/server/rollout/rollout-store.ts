import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { IocError } from '@ioc/contract/errors.ts'
import { compareVersions, defaultRollout, type ReleaseRollout } from '@ioc/contract/messages/agent-release.ts'
import { jsonFiles, readPrivateJson, writePrivateJson } from '@ioc/runtime/private-file.ts'
import type { ReleasedVersion } from './releases.ts'
import { type RolloutOrder, type RolloutProgress, type RolloutState, type RolloutWish, stateOf } from './rollout.ts'

/** Roll-outs that are listed, the newest first. */
const maxListed = 20
/** Rings of a roll-out, and hours between two, at most. */
const maxRings = 20
const maxHoldH = 720

/** A roll-out as it stands. */
export interface Rollout {
  readonly order: RolloutOrder
  readonly wish: RolloutWish | undefined
  readonly progress: RolloutProgress | undefined
  readonly state: RolloutState
}

export interface RolloutRequest extends Partial<ReleaseRollout> {
  readonly version: string
  readonly start?: RolloutOrder['start']
}

/**
 * Roll-outs on disk. Each file has one writer: operators write orders and wishes, by the wall or by commands; the wall, which
 * conducts roll-outs, writes their progress. So nothing has to be locked.
 */
export class RolloutStore {
  readonly #folder: string

  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'rollouts')
  }

  /** @throws IocError ROLLOUT_REFUSED */
  start(request: RolloutRequest, released: readonly ReleasedVersion[], by: string, now: number): RolloutOrder {
    const present = this.current()
    if (present && (present.state === 'running' || present.state === 'paused')) {
      throw refused(`the roll-out ${present.order.id} is ${present.state}: cancel it first`)
    }
    if (!released.some(({ version }) => version === request.version)) {
      throw refused(`there is no release of version ${request.version}: "npm run agent:bundle" builds one`)
    }
    const { version, start = 'window', rings, hold_h, max_reverted_percent } = { ...defaultRollout, ...request }
    const isRing = (ring: string): boolean =>
      /^([1-9]\d{0,5}|(\d{1,2}(\.\d{1,2})?|100)%)$/.test(ring) && Number.parseFloat(ring) > 0
    if (rings.length === 0 || rings.length > maxRings || !rings.every(isRing) || rings.at(-1) !== '100%') {
      throw refused('rings must be numbers of nodes or shares, such as 1,5%,25%,100%, and end with 100%')
    }
    if (!(hold_h >= 0 && hold_h <= maxHoldH)) throw refused(`the hold must be 0 to ${maxHoldH} hours`)
    if (!(max_reverted_percent >= 0 && max_reverted_percent <= 100)) throw refused('a share is 0 to 100 per cent')
    mkdirSync(this.#folder, { recursive: true, mode: 0o750 })
    // Also where the clock was set back: the newest order is the one in force.
    const began = Math.max(now, (present?.order.began ?? 0) + 1)
    for (let number = 1; ; number++) {
      const id = `${version}-${number}`
      const order = { id, version, start, rings, hold_h, max_reverted_percent, began, by }
      if (writePrivateJson(this.#path(id, 'order'), order, false)) return order
    }
  }

  /** Pauses, resumes or cancels the present roll-out. @throws IocError ROLLOUT_REFUSED */
  decide(state: RolloutWish['state'], by: string, now: number): RolloutOrder {
    const present = this.current()
    if (!present || present.state === 'cancelled' || present.state === 'done') throw refused('no roll-out is running')
    // Later than the pause that it answers, also where the clock was set back.
    const at = Math.max(now, (present.progress?.paused?.at ?? 0) + 1)
    writePrivateJson(this.#path(present.order.id, 'wish'), { state, at, by } satisfies RolloutWish)
    return present.order
  }

  note(id: string, progress: RolloutProgress): void {
    writePrivateJson(this.#path(id, 'progress'), progress)
  }

  /** The newest roll-out. */
  current(): Rollout | undefined {
    return this.list(1)[0]
  }

  /** The newest first; what is not the newest any more, and was never finished, is cancelled. */
  list(max = maxListed): Rollout[] {
    const orders = jsonFiles(this.#folder)
      .filter((name) => name.endsWith('.order.json'))
      .flatMap((name) => (readPrivateJson(join(this.#folder, name)) as RolloutOrder | undefined) ?? [])
      .sort((a, b) => b.began - a.began || compareVersions(b.version, a.version))
    return orders.slice(0, max).map((order, at) => {
      const wish = readPrivateJson(this.#path(order.id, 'wish')) as RolloutWish | undefined
      const progress = readPrivateJson(this.#path(order.id, 'progress')) as RolloutProgress | undefined
      const state = stateOf(wish, progress)
      return { order, wish, progress, state: at > 0 && state !== 'done' ? 'cancelled' : state }
    })
  }

  #path(id: string, part: 'order' | 'wish' | 'progress'): string {
    return join(this.#folder, `${id}.${part}.json`)
  }
}

const refused = (reason: string): IocError => new IocError('ROLLOUT_REFUSED', reason)
