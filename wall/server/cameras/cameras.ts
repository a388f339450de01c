import type { CredentialStore } from '@ioc/broker/credentials/credential-store.ts'
import { IocError } from '@ioc/contract/errors.ts'
import { isAbnormal, type Still } from '@ioc/contract/messages/camera-link.ts'
import { isActive, type LiveIncident, parseThing } from '@ioc/contract/messages/incidents.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { LiveChange, LiveState } from '../live-state.ts'
import type { WallOptions } from '../options.ts'
import { CameraLinks, type LinkedCamera } from './camera-links.ts'
import { StillStore, type StoredStill } from './still-store.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** How often expired stills are removed, in ms. */
const expireMs = 10 * 60_000
const incidentPrefix = 'incident/'

export interface CamerasParts {
  readonly options: WallOptions
  readonly credentials: Pick<CredentialStore, 'verify' | 'findValid'>
  readonly state: LiveState
  readonly publish: (change: LiveChange) => void
  /** A camera returned to its home by itself. */
  readonly onReturned: (site: string, camera: string) => void
  readonly logger: Logger
}

/** What the wall knows of cameras: what their bridges report, and their stills. */
export class Cameras {
  readonly links: CameraLinks
  readonly stills: StillStore
  readonly #state: LiveState
  readonly #publish: (change: LiveChange) => void
  readonly #logger: Logger
  /** Active incidents for which the still at their beginning is kept. */
  readonly #kept = new Set<number>()
  #timer: NodeJS.Timeout | undefined

  constructor({ options, credentials, state, publish, onReturned, logger }: CamerasParts) {
    this.#state = state
    this.#publish = publish
    this.#logger = logger
    this.stills = new StillStore(options.dataDir, {
      lastMs: options.lastStillHours * hourMs,
      incidentMs: options.incidentStillDays * dayMs,
    })
    this.links = new CameraLinks(
      credentials,
      {
        onCamera: (camera) => this.#announce(camera),
        onGone: (site, camera) => {
          this.stills.removeLast(site, camera)
          const change = state.removeComputed(`camera/${site}/${camera}`)
          if (change) publish(change)
        },
        onStill: (site, still) => this.takeStill(site, still),
        onReturned,
      },
      logger,
    )
  }

  start(): void {
    this.#expire()
    this.#timer = setInterval(() => this.#expire(), expireMs)
    this.#timer.unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.links.stop()
  }

  /** @throws IocError CAMERA_UNKNOWN */
  require(site: string, camera: string): LinkedCamera {
    const found = this.links.find(site, camera)
    if (!found) throw new IocError('CAMERA_UNKNOWN', `no camera ${site}/${camera}`)
    return found
  }

  takeStill(site: string, { camera, ts, jpeg }: Still): StoredStill | undefined {
    const still = { ts: Math.min(ts, Date.now()), jpeg: Buffer.from(jpeg, 'base64') }
    // Whatever a bridge sends, only a picture is served as one.
    if (!isJpeg(still.jpeg)) return undefined
    try {
      this.stills.putLast(site, camera, still)
    } catch (err) {
      this.#logger.error({ err, site, camera }, 'a still could not be stored')
      return undefined
    }
    const known = this.links.find(site, camera)
    if (known) this.#announce(known)
    return still
  }

  /**
   * A new picture, taken now.
   * @throws IocError CAMERA_…
   */
  async freshStill(site: string, name: string): Promise<StoredStill> {
    const camera = this.require(site, name)
    const { still } = await this.links.ask(camera, { kind: 'still', camera: name, fresh: true })
    const taken = still && this.takeStill(site, { ...still, camera: name })
    if (!taken) throw new IocError('CAMERA_ANSWER_INVALID', 'the bridge sent no picture')
    return taken
  }

  /** Of an incident about a camera, the picture at its beginning is kept. */
  follow({ topic }: LiveChange): void {
    // Every change on the wall comes here.
    if (!topic.startsWith(incidentPrefix)) return
    const id = Number(topic.slice(incidentPrefix.length))
    const incident = this.#state.incident(id)
    if (!incident || !isActive(incident)) {
      this.#kept.delete(id)
      return
    }
    if (this.#kept.has(id)) return
    const camera = this.cameraOf(incident)
    const still = camera && this.stills.last(camera.site, camera.name)
    if (!still) return
    this.#kept.add(id)
    if (this.stills.ofIncident(id).length === 0) this.keep(id, camera, still)
  }

  keep(incident: number, { site, name }: LinkedCamera, still: StoredStill): void {
    try {
      this.stills.keep(incident, site, name, still)
    } catch (err) {
      this.#logger.error({ err, incident }, 'a still of an incident could not be stored')
    }
  }

  /** The camera that an incident is about. */
  cameraOf({ cause }: LiveIncident): LinkedCamera | undefined {
    const { kind, key } = parseThing(cause)
    return kind === 'device' ? this.links.cameras.get(key) : undefined
  }

  /** For pages: that there is something new to read. */
  #announce(camera: LinkedCamera): void {
    const { site, name, state, reason, since, linked, picture_ts, ptz } = camera
    const still_ts = this.stills.lastTs(site, name) ?? null
    const change = this.#state.applyComputed(`camera/${site}/${name}`, {
      ...{ site, camera: name, state, reason, since, linked, picture_ts },
      ...{ abnormal: isAbnormal(camera), still_ts, at: ptz?.at ?? null, lease: ptz?.lease ?? null },
      bearing_deg: ptz?.bearing_deg ?? null,
    })
    if (change) this.#publish(change)
  }

  #expire(): void {
    try {
      const removed = this.stills.expire()
      if (removed > 0) this.#logger.info({ stills: removed }, 'expired stills removed')
    } catch (err) {
      this.#logger.error({ err }, 'expired stills could not be removed')
    }
  }
}

const isJpeg = (bytes: Buffer): boolean =>
  bytes[0] === 0xff && bytes[1] === 0xd8 && bytes.at(-2) === 0xff && bytes.at(-1) === 0xd9
