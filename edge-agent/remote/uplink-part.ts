import type { NodeConfig } from '@ioc/contract/messages/node-config.ts'
import type { Uplink } from '@ioc/uplink/uplink.ts'
import { pinnedStream } from '../pinned-stream.ts'
import type { ConfigPart } from './remote-config.ts'

export interface UplinkPartSettings {
  /** The broker that the agent was enrolled with, or that its settings name. */
  readonly url: string
  /** Certificate authority that it was enrolled with. */
  readonly ca: string | undefined
  /** How long a connection to another place may take, in ms. */
  readonly confirmMs: number
}

/** The place of the broker. Another one must be reached in time, or the configuration is reverted. */
export class UplinkPart implements ConfigPart {
  readonly #settings: UplinkPartSettings
  readonly #uplink: Uplink
  #place: { readonly url: string; readonly ca: string | undefined }
  /** Until when the broker must be reached, monotonic in ms; absent: it has been, or it is the one from before. */
  #deadline: number | undefined
  #onBorn = (): void => undefined

  constructor(settings: UplinkPartSettings, uplink: Uplink) {
    this.#settings = settings
    this.#uplink = uplink
    this.#place = { url: settings.url, ca: settings.ca }
  }

  check({ uplink }: NodeConfig): string | undefined {
    const { url } = uplink ?? {}
    // Whoever could move a node to plain TCP could read its password from the line.
    const isDowngrade = url !== undefined && this.#settings.ca !== undefined && !/^(mqtts|wss):/.test(url)
    return isDowngrade ? 'uplink.url: this node was enrolled with TLS; expected mqtts:// or wss://' : undefined
  }

  async apply({ uplink = {} }: NodeConfig): Promise<void> {
    const place = { url: uplink.url ?? this.#settings.url, ca: uplink.ca ?? this.#settings.ca }
    if (place.url === this.#place.url && place.ca === this.#place.ca) return
    const openStream = await pinnedStream(place.url, place.ca)
    this.#place = place
    this.#deadline = performance.now() + this.#settings.confirmMs
    this.#uplink.moveTo({ url: place.url, openStream })
  }

  /** The broker acknowledged a birth. */
  born(): void {
    this.#deadline = undefined
    this.#onBorn()
  }

  async settle(signal: AbortSignal): Promise<string | undefined> {
    if (this.#deadline === undefined || signal.aborted) return undefined
    const waitMs = Math.max(0, this.#deadline - performance.now())
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs)
      const end = (): void => {
        clearTimeout(timer)
        resolve()
      }
      this.#onBorn = end
      signal.addEventListener('abort', end, { once: true })
    })
    if (this.#deadline === undefined || signal.aborted) return undefined
    const reason = this.#uplink.lastFailure ?? 'no answer'
    return `uplink: no connection to ${this.#place.url} within ${this.#settings.confirmMs / 1000} s (${reason})`
  }
}
