import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { IocError, isIocError } from '@ioc/contract/errors.ts'
import { type AgentRelease, releaseFile, versionPattern } from '@ioc/contract/messages/agent-release.ts'
import type { NodeConfig, NodeUpdate } from '@ioc/contract/messages/node-config.ts'
import type { UpdateReport } from '@ioc/contract/messages/node-report.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { CentreApi } from '../centre-api.ts'
import type { AgentOptions } from '../options.ts'
import type { ConfigPart } from '../remote/remote-config.ts'
import type { AgentStatus } from '../status-file.ts'
import { countOk, unhealthyReason } from './gate.ts'
import { maxReverts, readPointer, startTrial, switched, versionsFolder, writePointer } from './pointer.ts'
import { maxReleaseBytes, parseKeys, thisPlatform, verifyRelease } from './release.ts'
import { untilWindowMs } from './window.ts'

/** Time between two checks whether this agent is healthy, or its window open, in ms, at most. */
const maxWaitMs = 5_000
/** Time until a centre that does not answer is tried again, in ms, at most. */
const unreachableMs = 60_000
/** Characters of a reason that are reported. */
const maxReasonChars = 400

export interface UpdaterSettings {
  readonly options: AgentOptions
  /** The version that runs. */
  readonly running: string
  /** Folder of the installed version; undefined where no launcher started this agent, as in development. */
  readonly installed: string | undefined
  /** Whether the launcher has not decided about the running version yet. */
  readonly isOnTrial: boolean
  /** The centre that the agent was enrolled at, with its authority. */
  readonly centre: { readonly address: string; readonly ca: string | undefined } | undefined
  status(): AgentStatus
  /** The report changed. */
  changed(): void
  /** Stops the agent and starts it over through the launcher. */
  restart(): void
}

type Phase = Pick<UpdateReport, 'state' | 'reason' | 'code'>

/** Follows the version that the centre wants: verifies, downloads, and switches to it. The launcher decides about it then. */
export class Updater implements ConfigPart {
  readonly #settings: UpdaterSettings
  readonly #logger: Logger
  readonly #versions: string
  #desired: NodeUpdate | undefined
  #report: UpdateReport | undefined
  #attempt: AbortController | undefined

  constructor(settings: UpdaterSettings, logger: Logger) {
    this.#settings = settings
    this.#logger = logger
    this.#versions = resolve(versionsFolder(settings.options.dataDir))
  }

  /** What became of the last update; undefined where there was none. */
  get report(): UpdateReport | undefined {
    return this.#report
  }

  async start(): Promise<void> {
    const { installed, isOnTrial, running } = this.#settings
    if (installed === undefined) return
    const { current, previous, lastReverted, reverted } = readPointer(this.#versions)
    const reason = lastReverted === undefined ? undefined : reverted[lastReverted]?.reason
    if (lastReverted !== undefined && reason !== undefined) {
      this.#note(lastReverted, { state: 'reverted', reason })
    } else this.#note(running, { state: isOnTrial ? 'trial' : 'done' })
    const kept = [current, previous].filter((one) => one !== null)
    if (isOnTrial) return
    const { prune } = await import('./stage.ts')
    await prune(this.#versions, ['current.json', '.staging', ...kept])
  }

  stop(): void {
    this.#attempt?.abort()
  }

  /** What cannot be updated to is reported as such: it is no reason against the rest of a configuration. */
  check(): undefined {
    return undefined
  }

  /** Follows what the centre wants; an attempt towards another version ends. */
  apply({ update: desired }: NodeConfig): void {
    if (JSON.stringify(desired) === JSON.stringify(this.#desired)) return
    this.#desired = desired
    this.#attempt?.abort()
    // What was reported before the centre named the roll-out belongs to it too.
    if (this.#report && this.#report.version === desired?.version) this.#note(this.#report.version, this.#report)
    if (desired === undefined || this.#settings.isOnTrial) return
    const attempt = new AbortController()
    this.#attempt = attempt
    this.#pursue(desired, attempt.signal).catch((err: unknown) => this.#logger.error({ err }, 'update failed'))
  }

  async #pursue(desired: NodeUpdate, signal: AbortSignal): Promise<void> {
    const { version } = desired
    const retryMs = this.#settings.options.updateRetryS * 1000
    const isReverted = (): boolean => readPointer(this.#versions).lastReverted === version
    try {
      if (isReverted() && !this.#isGivenUp(version)) await sleep(retryMs, undefined, { signal })
      for (;;) {
        try {
          await this.#update(desired, signal)
          return
        } catch (error) {
          signal.throwIfAborted()
          if (!isIocError(error)) this.#logger.error({ err: error, version }, 'update failed')
          const { message } = error as Error
          if (isIocError(error, 'CENTRE_UNREACHABLE')) {
            this.#note(version, { state: 'waiting', reason: message })
            await sleep(Math.min(retryMs, unreachableMs), undefined, { signal })
            continue
          }
          this.#note(version, { state: 'refused', reason: message, ...(isIocError(error) ? { code: error.code } : {}) })
          if (isIocError(error, 'UPDATE_REVERTED')) return
        }
        await sleep(retryMs, undefined, { signal })
      }
    } catch (error) {
      // Another version is wanted, or the agent stops.
      if (!signal.aborted) throw error
    }
  }

  async #update(desired: NodeUpdate, signal: AbortSignal): Promise<void> {
    const { running, options, installed, centre } = this.#settings
    const { version } = desired
    if (version === running) return this.#note(version, { state: 'done' })
    if (installed === undefined || centre === undefined) {
      throw new IocError('UPDATE_INVALID', 'this agent was not installed from a bundle, or not enrolled at a centre')
    }
    if (!new RegExp(versionPattern).test(version)) {
      throw new IocError('UPDATE_INVALID', `${JSON.stringify(version)} is not a version of three numbers`)
    }
    if (this.#isGivenUp(version)) {
      const { reason = '' } = readPointer(this.#versions).reverted[version] ?? {}
      throw new IocError('UPDATE_REVERTED', `reverted ${maxReverts} times (${reason}): not tried again on this node`)
    }
    const { current } = readPointer(this.#versions)
    const runningFolder = current === null ? installed : join(this.#versions, current)
    // Clients of HTTP take 3 MB: an agent that is up to date never needs them.
    const [{ enrolledCentre }, { stageRelease }] = await Promise.all([import('../centre-api.ts'), import('./stage.ts')])
    const api = enrolledCentre(centre.address, centre.ca)
    const { release, clockMs } = await this.#fetchRelease(api, version, runningFolder, signal)
    const isOpen = (): Promise<void> =>
      desired.start === 'now' ? Promise.resolve() : this.#awaitWindow(version, clockMs, signal)
    await isOpen()
    await sleep(Math.random() * options.updateJitterS * 1000, undefined, { signal })
    await this.#awaitHealthy(version, signal)
    this.#note(version, { state: 'downloading' })
    await mkdir(this.#versions, { recursive: true, mode: 0o750 })
    await stageRelease(release, {
      versions: this.#versions,
      running: runningFolder,
      api,
      maxBytesPerS: options.updateKbPerS * 1000,
      signal,
      beforeDownload: async () => {
        await isOpen()
        this.#note(version, { state: 'downloading' })
      },
    })
    this.#note(version, { state: 'staged' })
    const { collectors } = await this.#awaitHealthy(version, signal)
    startTrial(this.#versions, switched(readPointer(this.#versions), version, { collectorsOk: countOk(collectors) }))
    this.#logger.info({ version }, 'switching to another version')
    this.#settings.restart()
  }

  #isGivenUp(version: string): boolean {
    return (readPointer(this.#versions).reverted[version]?.times ?? 0) >= maxReverts
  }

  /** The verified release, and how to tell the time: the centre's clock, as that of this machine may be years off. */
  async #fetchRelease(
    centre: CentreApi,
    version: string,
    folder: string,
    signal: AbortSignal,
  ): Promise<{ release: AgentRelease; clockMs: () => number }> {
    const platform = thisPlatform()
    const response = await centre.open(`/agent/${releaseFile(version, platform)}`, { signal })
    if (response.statusCode !== 200) {
      response.destroy()
      if (response.statusCode === 404) {
        throw new IocError('UPDATE_UNKNOWN', `the centre has no version ${version} for ${platform}`)
      }
      throw new IocError('CENTRE_UNREACHABLE', `the centre answers ${response.statusCode}`)
    }
    const now = Date.parse(response.headers.date ?? '') || Date.now()
    const began = performance.now()
    const { readAnswer } = await import('../centre-api.ts')
    const signed = await readAnswer(response, maxReleaseBytes).catch((cause: Error) => {
      throw new IocError('CENTRE_UNREACHABLE', `the release cannot be read: ${cause.message}`, { cause })
    })
    const keys = parseKeys(readFileSync(join(folder, 'release-key.pem'), 'utf8'))
    const pointer = readPointer(this.#versions)
    const { newestSigned = 0 } = pointer
    const { running } = this.#settings
    const release = verifyRelease(signed, keys, { version, platform, running, now, newestSigned })
    if (release.signed !== undefined && release.signed > newestSigned) {
      writePointer(this.#versions, { ...pointer, newestSigned: release.signed })
    }
    return { release, clockMs: () => now + performance.now() - began }
  }

  async #awaitWindow(version: string, clockMs: () => number, signal: AbortSignal): Promise<void> {
    const { updateWindow } = this.#settings.options
    for (;;) {
      const waitMs = untilWindowMs(updateWindow, clockMs())
      if (waitMs === 0) return
      this.#note(version, { state: 'waiting', reason: `starts between ${updateWindow.replace('-', ' and ')}` })
      await sleep(Math.min(waitMs, maxWaitMs), undefined, { signal })
    }
  }

  /** An agent that does not work now cannot prove that an update works. */
  async #awaitHealthy(version: string, signal: AbortSignal): Promise<AgentStatus> {
    let noted = ''
    for (;;) {
      const status = this.#settings.status()
      const reason =
        unhealthyReason(status, this.#settings.options.updateMaxRssMb) ??
        (status.connected ? undefined : 'not connected') ??
        (status.config?.state === 'staged' ? 'a configuration is on trial' : undefined) ??
        (status.collectors.some(({ state }) => state === 'starting') ? 'collectors are starting' : undefined)
      if (reason === undefined) return status
      // Each report is a birth: a figure that changes, as of memory, is no news.
      const kind = reason.replace(/\d+/g, '')
      if (kind !== noted) this.#note(version, { state: 'waiting', reason: `until this version is healthy: ${reason}` })
      noted = kind
      await sleep(Math.min(maxWaitMs, this.#settings.options.updateRetryS * 1000), undefined, { signal })
    }
  }

  #note(version: string, { state, reason, code }: Phase): void {
    const rollout = this.#desired?.version === version ? this.#desired.rollout : undefined
    const next = {
      ...{ version, state, from: this.#settings.running },
      ...(reason === undefined ? {} : { reason: reason.slice(0, maxReasonChars) }),
      ...(code === undefined ? {} : { code }),
      ...(rollout === undefined ? {} : { rollout }),
    }
    const { at: _, ...last } = this.#report ?? { at: 0 }
    if (isDeepStrictEqual(last, next)) return
    this.#report = { ...next, at: Date.now() }
    this.#logger.info({ update: this.#report }, 'update')
    this.#settings.changed()
  }
}
