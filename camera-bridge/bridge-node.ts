import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { CameraReport, FoundCameras, LinkAnswer, WallRequest } from '@ioc/contract/messages/camera-link.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import { Outbox } from '@ioc/uplink/outbox/outbox.ts'
import { Uplink } from '@ioc/uplink/uplink.ts'
import type { CameraEntry } from './cameras/camera-file.ts'
import type { Identity } from './identity.ts'
import { WallLink } from './link/wall-link.ts'
import type { CameraBridgeOptions } from './options.ts'
import type { CameraHandlers, WatchedCamera } from './watched-camera.ts'

export interface BridgeNodeSettings {
  readonly identity: Identity
  readonly options: CameraBridgeOptions
  readonly outboxFolder: string
  /** Code of the area of the site; '': the centre knows it. */
  readonly area: string
  /** Of the wall; '': stills and requests of people have no way. */
  readonly wallUrl: string
  readonly onRequest: (node: BridgeNode, ask: WallRequest) => Promise<LinkAnswer>
  /** Cameras that announced themselves and are not watched. */
  readonly offered: () => FoundCameras
}

/**
 * What the bridge is at one site: a node with an outbox, an uplink and a link to the wall of its own. Cameras of several
 * sites are so many nodes, since each site has its area, and a device belongs to the node of its site.
 */
export class BridgeNode {
  readonly site: string
  readonly cameras = new Map<string, WatchedCamera>()
  readonly outbox: Outbox
  readonly uplink: Uplink
  readonly #link: WallLink | undefined

  constructor(
    { identity, options, outboxFolder, area, wallUrl, onRequest, offered }: BridgeNodeSettings,
    logger: Logger,
  ) {
    const { address, password } = identity
    this.site = address.site
    this.outbox = new Outbox(
      { folder: outboxFolder, maxBytes: options.outboxMaxMb * 1e6, maxAgeMs: options.outboxMaxAgeH * 3_600_000 },
      logger,
    )
    this.uplink = new Uplink(
      {
        url: options.mqttUrl || `mqtt://127.0.0.1:${options.mqttPort}`,
        address,
        password: () => password,
        replayPerSecond: options.replayPerSecond,
        birth: () => ({
          agent: { version, host: hostname() },
          ...(area === '' ? {} : { area }),
          devices: [...this.cameras.values()].map(({ entry }) => deviceOf(entry, options.cameraCadenceMs)),
        }),
      },
      this.outbox,
      (downlink) => {
        if (downlink.kind !== 'command' || downlink.command.command !== 'collect') return
        for (const { worker } of this.cameras.values()) void worker.check().then((record) => this.#put(record))
      },
      logger,
    )
    if (wallUrl === '') return
    this.#link = new WallLink(
      { url: wallUrl, address, password },
      {
        onConnect: () => [
          { kind: 'cameras', cameras: this.reports },
          { kind: 'offered', offered: offered() },
        ],
        onRequest: (ask) => onRequest(this, ask),
      },
      logger,
    )
  }

  get linked(): boolean {
    return this.#link?.connected ?? false
  }

  get reports(): CameraReport[] {
    return [...this.cameras.values()].map(({ report }) => report)
  }

  /** What its cameras call. */
  readonly handlers: Omit<CameraHandlers, 'onChange'> = {
    onRecord: (record) => this.#put(record),
    onReport: (camera) => this.#link?.send({ kind: 'camera', camera }),
    onStill: (still) => this.#link?.send({ kind: 'still', still }),
    onReturn: (camera) => this.#link?.send({ kind: 'returned', camera }),
  }

  start(): void {
    this.outbox.start()
    this.uplink.start()
    this.#link?.start()
  }

  /** The list of its cameras changed. */
  announce(): void {
    this.uplink.announce()
    this.#link?.send({ kind: 'cameras', cameras: this.reports })
  }

  /** What is offered changed. */
  offer(offered: FoundCameras): void {
    this.#link?.send({ kind: 'offered', offered })
  }

  async stop(): Promise<void> {
    await this.#link?.stop()
    await this.uplink.stop()
    this.outbox.stop()
  }

  #put(record: MeasurementRecord): void {
    this.outbox.put([record])
    this.uplink.notify()
  }
}

function deviceOf({ name, type, title, lat, lon }: CameraEntry, cadenceMs: number) {
  return {
    id: name,
    type,
    cadence_s: cadenceMs / 1_000,
    ...(title === undefined ? {} : { name: title }),
    ...(lat === undefined ? {} : { lat }),
    ...(lon === undefined ? {} : { lon }),
  }
}

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string }
