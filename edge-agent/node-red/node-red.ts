import { createHash } from 'node:crypto'
import { chmodSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { IocError, isIocError } from '@ioc/contract/errors.ts'
import type { FlowsReport } from '@ioc/contract/messages/node-report.ts'
import type { DeviceBirth } from '@ioc/contract/messages/status.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import { ensureFolder } from '@ioc/runtime/process.ts'
import { editorUser } from './editor-user.ts'
import { type Flows, parseFlows, validateFlows } from './flows.ts'
import type { EditorSettings, FlowMessage, FromChild } from './ipc.ts'
import {
  type Exit,
  endLeftover,
  NodeRedProcess,
  type ProcessLimits,
  requireInstallation,
  userFolder,
} from './node-red-process.ts'
import { Outlet, type OutletOutbox } from './outlet.ts'
import { allFiles, filesOf } from './palette.ts'
import { readDevice } from './records.ts'
import { type FlowSource, type Revision, Revisions } from './revisions.ts'

/** So many ends in a row, whose flows ran for less than `minRunMs` in the mean, are a crash loop. */
const maxExits = 5
const minRunMs = 10_000
/** Time between an end and the next start, in ms: doubled each time, up to the second. Flows that ran that long begin anew. */
const restartMs = { first: 1_000, last: 60_000 } as const
/** Time between two looks at the child, the editor and the file, in ms. */
const checkMs = 1_000
/** Time that opening the editor may take, in ms. */
const maxOpenMs = 60_000
/** Only the user of the agent may read flows and their credentials. */
const privateMode = 0o700
/** Devices that flows declare, at most. */
const maxDevices = 500
/** Characters of a reason in a report, at most. */
const maxReasonChars = 300

export interface NodeRedSettings {
  /** Flows may run on this machine. */
  readonly isEnabled: boolean
  /** Its own folder, in that of the agent. */
  readonly folder: string
  /** A file of flows, which is watched. */
  readonly file: string
  /** What credentials of flows are encrypted with. */
  readonly secret: string
  /** Folders that flows may read beside their own. */
  readonly readable: readonly string[]
  readonly limits: ProcessLimits
  /** How long new flows run before they replace the last ones for good, in ms. */
  readonly probeMs: number
  /** Where the editor listens while it is open. */
  readonly host: string
  readonly port: number
}

/** Why a trial ended before its time. */
const replaced = new IocError('FLOWS_FAILED', 'replaced by newer flows')

/** New flows, until they have run for `probeMs`. */
interface Trial {
  /** A later deployment in the editor replaces it. */
  revision: Revision
  readonly ended: Promise<void>
  resolve(): void
  reject(error: IocError): void
  timer: NodeJS.Timeout | undefined
}

interface Editor {
  readonly settings: EditorSettings
  /** In ms since 1970. */
  readonly until: number
  /** The same, monotonic: setting the clock does not keep it open. */
  readonly deadline: number
  isOpen: boolean
  onOpen(port: number): void
  onFailure(reason: string): void
}

/**
 * Runs flows of Node-RED in a child process, and keeps them running: new flows are on trial, and the last ones come back where
 * they fail; after a crash loop the last good flows run, and after another none.
 */
export class NodeRed {
  readonly #settings: NodeRedSettings
  readonly #changed: () => void
  readonly #logger: Logger
  readonly #outlet: Outlet
  #revisions: Revisions | undefined
  #process: NodeRedProcess | undefined
  #isRunning = false
  #trial: Trial | undefined
  #editor: Editor | undefined
  /** What changes the child happens one after the other. */
  #turn: Promise<unknown> = Promise.resolve()
  #checkTimer: NodeJS.Timeout | undefined
  #restartTimer: NodeJS.Timeout | undefined
  #stopped = false
  #isClosing = false
  /** How long the flows of the newest ends ran, in ms. */
  #runs: number[] = []
  #failures = 0
  #restarts = 0
  /** Why the newest flows are not those in force. */
  #rejected: string | undefined
  #lastExit: string | undefined
  #devices: readonly DeviceBirth[] = []
  #sources: readonly string[] = []
  #config: FlowMessage | undefined
  /** Size and time of the file as it was applied, and as it was seen last. */
  #appliedStamp = ''
  #seenStamp = ''

  constructor(settings: NodeRedSettings, outbox: OutletOutbox, changed: () => void, logger: Logger) {
    this.#settings = settings
    this.#changed = changed
    this.#logger = logger
    this.#outlet = new Outlet(outbox, (message) => this.#process?.send(message))
  }

  /** Runs the flows of the last time. Without flows there is no child. */
  start(): void {
    if (!this.#settings.isEnabled) return
    endLeftover(this.#settings.folder)
    if (this.#store.inForce && this.#store.saved.mode !== 'safe') this.#spawn(this.#store.inForce)
    this.#checkTimer = setInterval(() => this.#check(), checkMs)
    this.#checkFile()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#checkTimer)
    clearTimeout(this.#restartTimer)
    this.#trial?.reject(new IocError('FLOWS_FAILED', 'the agent is stopping'))
    await this.#process?.stop()
    await this.#turn.catch(() => undefined)
    this.#outlet.reset()
  }

  /** How the flows are doing, as the birth reports it; `undefined` where there are none. */
  report(): FlowsReport | undefined {
    const { mode = 'normal', reason: ofMode } = this.#revisions?.saved ?? {}
    const inForce = this.#trial?.revision ?? this.#revisions?.inForce
    if (!inForce && this.#rejected === undefined && !this.#editor && mode === 'normal') return undefined
    const state = ((): FlowsReport['state'] => {
      if (mode === 'safe') return 'safe-mode'
      if (mode === 'last-good') return 'last-good'
      if (this.#rejected !== undefined) return inForce ? 'last-good' : 'failed'
      if (!inForce) return 'off'
      return this.#isRunning ? 'running' : 'starting'
    })()
    const reason = ofMode ?? this.#rejected ?? (this.#isRunning ? undefined : this.#lastExit)
    return {
      state,
      ...(reason === undefined ? {} : { reason: reason.slice(0, maxReasonChars) }),
      restarts: this.#restarts,
      nodes: inForce?.nodes ?? 0,
      ...(this.#process ? { rss_mb: Math.round(this.#process.rssMb) } : {}),
      ...(this.#editor?.isOpen ? { editor_until: this.#editor.until } : {}),
    }
  }

  /** The devices that flows measure. */
  devices(): readonly DeviceBirth[] {
    return this.#devices
  }

  /** Passes on what a node of the flows listens to. */
  pass(message: FlowMessage): void {
    // Flows that start later ask for it too.
    if (message.source === 'config') this.#config = message
    if (this.#sources.includes(message.source)) this.#process?.send({ kind: 'message', ...message })
  }

  /** @throws IocError FLOWS_INVALID, NODE_RED_MISSING: flows that cannot run here */
  check(flows: Flows): void {
    this.#requireInstalled()
    validateFlows(flows)
  }

  /** The broker has acknowledged messages of the outbox. */
  acknowledged(epoch: string, seqs: Iterable<number>): void {
    this.#outlet.acknowledged(epoch, seqs)
  }

  /**
   * Replaces the flows. Resolves when the new ones have run for the time of the probe; `undefined` withdraws those of the
   * source.
   * @throws IocError FLOWS_INVALID, FLOWS_FAILED, NODE_RED_MISSING: the last flows run on
   */
  async apply(flows: Flows | undefined, source: Exclude<FlowSource, 'editor'> = 'centre'): Promise<void> {
    const isNewer = this.#trial?.revision.source === source || (source === 'centre' && flows !== undefined)
    if (isNewer) this.#trial?.reject(replaced)
    return this.#inTurn(() => this.#apply(flows, source))
  }

  /**
   * Opens the editor for some minutes; 0 closes it. Resolves to its port.
   * @throws IocError EDITOR_FAILED, NODE_RED_MISSING
   */
  async openEditor(minutes: number, password: string): Promise<{ readonly port: number; readonly username: string }> {
    this.#requireInstalled()
    const username = editorUser(password)
    return this.#inTurn(async () => {
      if (minutes === 0) {
        await this.#closeEditor()
        return { port: 0, username }
      }
      const passwordHash = createHash('sha256').update(password).digest('hex')
      const { host, port } = this.#settings
      return { port: await this.#open({ host, port, username, passwordHash }, minutes), username }
    })
  }

  get #store(): Revisions {
    if (!this.#revisions) {
      const { folder } = this.#settings
      for (const path of [folder, userFolder(folder)]) chmodSync(ensureFolder(path), privateMode)
      this.#revisions = new Revisions(folder, this.#settings.secret)
    }
    return this.#revisions
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work)
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  #requireInstalled(): void {
    if (!this.#settings.isEnabled) {
      throw new IocError('NODE_RED_MISSING', 'Node-RED is switched off on this machine: IOC_NODE_RED=false')
    }
    requireInstallation()
  }

  async #apply(given: Flows | undefined, source: Exclude<FlowSource, 'editor'>): Promise<void> {
    const { wanted, mode } = this.#store.saved
    if (wanted?.source === 'centre' && source === 'file') return
    if (given === undefined) return this.#withdraw(source)
    try {
      this.#requireInstalled()
      const flows = validateFlows(given)
      const digest = this.#store.digestOf(flows)
      if (wanted?.digest === digest && mode === 'normal') {
        this.#reject(undefined)
        return
      }
      const revision = this.#store.stage(flows, source)
      this.#confirm(await this.#try(revision, () => this.#replace(revision)), { digest, source })
    } catch (error) {
      if (!isIocError(error)) throw error
      // Newer flows are about to be reported.
      if (error !== replaced) this.#reject(error.message)
      throw error
    }
  }

  async #withdraw(source: FlowSource): Promise<void> {
    const isOwn = this.#store.saved.wanted?.source === source
    if (source === 'file' || isOwn) this.#reject(undefined)
    if (!isOwn) return
    this.#store.save({ current: undefined, lastGood: undefined, mode: 'normal', reason: undefined, wanted: undefined })
    this.#appliedStamp = ''
    await this.#replace(undefined)
    this.#changed()
  }

  /** Runs new flows for the time of the probe; resolves to them. Where they fail, those in force run again. */
  async #try(revision: Revision, begin: () => Promise<void>): Promise<Revision> {
    const trial = createTrial(revision)
    this.#trial = trial
    this.#logger.info({ nodes: revision.nodes, source: revision.source }, 'flows on trial')
    try {
      await begin()
      if (revision.nodes === 0) trial.resolve()
      await trial.ended
      return trial.revision
    } catch (error) {
      this.#trial = undefined
      if (!this.#stopped) await this.#replace(this.#store.inForce)
      throw error
    } finally {
      clearTimeout(trial.timer)
      if (this.#trial === trial) this.#trial = undefined
    }
  }

  #confirm(revision: Revision, wanted = this.#store.saved.wanted): void {
    const { current, lastGood, mode } = this.#store.saved
    const isNew = current?.digest !== revision.digest
    this.#store.save({
      current: revision,
      lastGood: mode === 'normal' && isNew && current ? current : lastGood,
      mode: 'normal',
      reason: undefined,
      wanted,
    })
    this.#runs = []
    this.#failures = 0
    this.#logger.info({ nodes: revision.nodes, source: revision.source }, 'flows in force')
    this.#reject(undefined)
  }

  #reject(reason: string | undefined): void {
    if (reason !== undefined) this.#logger.error({ reason }, 'flows refused')
    this.#rejected = reason
    this.#changed()
  }

  /** Ends the child, and starts one with these flows; none where there is nothing to run. */
  async #replace(revision: Revision | undefined): Promise<void> {
    clearTimeout(this.#restartTimer)
    const before = this.#process
    this.#leave()
    await before?.stop()
    const isSafe = this.#store.saved.mode === 'safe' && !this.#trial
    const isNeeded = (revision !== undefined && revision.nodes > 0 && !isSafe) || this.#editor !== undefined
    if (isNeeded && !this.#stopped) this.#spawn(revision)
  }

  #spawn(revision: Revision | undefined): void {
    const { folder, readable, limits } = this.#settings
    const user = userFolder(folder)
    try {
      this.#requireInstalled()
      rmSync(join(user, '.sessions.json'), { force: true })
      const types = this.#store.lay(revision, user)
      const started = new NodeRedProcess(
        {
          userFolder: user,
          files: this.#editor ? allFiles() : filesOf(types),
          credentialSecret: this.#settings.secret,
          isSafeMode: this.#store.saved.mode === 'safe' && !this.#trial,
          editor: this.#editor?.settings,
        },
        { folder, readable },
        limits,
        {
          onMessage: (message) => this.#process === started && this.#receive(message),
          onExit: (exit) => this.#process === started && this.#onExit(exit),
        },
      )
      this.#process = started
    } catch (error) {
      this.#onUnstarted(error as Error)
    }
    this.#changed()
  }

  /** No fault of Node-RED may end the agent. Of a full disk, or too many processes, it is tried again. */
  #onUnstarted(cause: Error): void {
    const error = isIocError(cause) ? cause : new IocError('FLOWS_FAILED', cause.message, { cause })
    this.#logger.error({ reason: error.message }, 'Node-RED cannot be started')
    this.#editor?.onFailure(error.message)
    if (this.#trial) this.#trial.reject(error)
    else if (error !== cause) this.#restartTimer = setTimeout(() => void this.#restart(), this.#restartWaitMs())
    if (error === cause) this.#rejected = error.message
    else this.#lastExit = error.message
  }

  /** The child, if any, is no longer that of this agent. */
  #leave(): void {
    this.#process = undefined
    this.#isRunning = false
    this.#devices = []
    this.#sources = []
    this.#outlet.reset()
  }

  #receive(message: FromChild): void {
    switch (message.kind) {
      case 'heartbeat':
        break
      case 'started':
        this.#isRunning = true
        this.#lastExit = undefined
        this.#beginProbe()
        this.#changed()
        break
      case 'failed':
        this.#onFailure(message.reason.slice(0, maxReasonChars))
        break
      case 'saved':
        this.#onSaved()
        break
      case 'editor':
        this.#editor?.onOpen(message.port)
        break
      case 'editor-closed':
        if (this.#editor) this.#editor.isOpen = false
        this.#changed()
        break
      case 'put':
        this.#outlet.receive(message.items)
        break
      case 'declared':
        this.#devices = message.devices.slice(0, maxDevices).flatMap((device) => readDevice(device) ?? [])
        this.#listen(message.sources)
        this.#changed()
        break
      case 'log':
        this.#logger[message.level === 'error' ? 'error' : 'warn'](
          { text: message.text.slice(0, maxReasonChars) },
          'Node-RED',
        )
        break
      default:
        message satisfies never
    }
  }

  #listen(sources: readonly string[]): void {
    const isNew = sources.includes('config') && !this.#sources.includes('config')
    this.#sources = sources
    if (isNew && this.#config) this.pass(this.#config)
  }

  #beginProbe(): void {
    const trial = this.#trial
    if (trial) trial.timer ??= setTimeout(() => trial.resolve(), this.#settings.probeMs)
  }

  /** The runtime is there, but cannot start its flows. */
  #onFailure(reason: string): void {
    if (this.#trial) this.#trial.reject(new IocError('FLOWS_FAILED', reason))
    else this.#reject(reason)
  }

  /** Flows that were deployed in the editor run already; they are on trial as any others. */
  #onSaved(): void {
    let revision: Revision
    try {
      revision = this.#store.stageEdited(userFolder(this.#settings.folder))
    } catch (error) {
      this.#reject(`flows of the editor: ${(error as Error).message}`)
      this.#inTurn(() => this.#replace(this.#trial?.revision ?? this.#store.inForce)).catch((cause: unknown) =>
        this.#logger.error({ err: cause }, 'the flows before cannot be restored'),
      )
      return
    }
    if (this.#trial) {
      // The probe begins again when they have started. Who wanted the flows before them has them no more.
      clearTimeout(this.#trial.timer)
      Object.assign(this.#trial, { revision, timer: undefined })
      return
    }
    // At once: an exit from here on is that of the new flows.
    const tried = this.#try(revision, async () => undefined).then((passed) => this.#confirm(passed))
    tried.catch((error: Error) => this.#reject(error.message))
    this.#inTurn(() => tried).catch(() => undefined)
  }

  #onExit({ reason, ranMs }: Exit): void {
    this.#leave()
    if (this.#stopped) return
    this.#logger.error({ reason, ran_s: Math.round(ranMs / 1000) }, 'Node-RED ended')
    this.#editor?.onFailure(reason)
    this.#restarts += 1
    this.#lastExit = reason
    if (this.#trial) {
      this.#trial.reject(new IocError('FLOWS_FAILED', `the new flows ended Node-RED: ${reason}`))
      return
    }
    if (ranMs >= restartMs.last) this.#failures = 0
    this.#runs = [...this.#runs, ranMs].slice(-maxExits)
    const meanMs = this.#runs.reduce((sum, run) => sum + run, 0) / this.#runs.length
    if (this.#runs.length === maxExits && meanMs < minRunMs) this.#fallBack(reason)
    else this.#restartTimer = setTimeout(() => void this.#restart(), this.#restartWaitMs())
    this.#changed()
  }

  async #restart(): Promise<void> {
    await this.#inTurn(async () => {
      if (!this.#process) await this.#replace(this.#store.inForce)
    })
  }

  #restartWaitMs(): number {
    const waitMs = Math.min(restartMs.first * 2 ** this.#failures, restartMs.last)
    this.#failures += 1
    return waitMs
  }

  /** After a crash loop: the last good flows; where they crash too, or there are none, no flows. */
  #fallBack(cause: string): void {
    const { mode, current, lastGood } = this.#store.saved
    const hasOlder = mode === 'normal' && lastGood !== undefined && lastGood.digest !== current?.digest
    const reason = `${maxExits} crashes in a row: ${cause}`
    this.#runs = []
    this.#failures = 0
    this.#store.save({ mode: hasOlder ? 'last-good' : 'safe', reason })
    this.#logger.error({ reason }, hasOlder ? 'crash loop: the last good flows run' : 'crash loop: no flows run')
    void this.#restart()
  }

  async #open(settings: EditorSettings, minutes: number): Promise<number> {
    const opened = Promise.withResolvers<number>()
    const timer = setTimeout(() => opened.reject(new Error('no answer of Node-RED')), maxOpenMs)
    this.#editor = {
      settings,
      until: Date.now() + minutes * 60_000,
      deadline: performance.now() + minutes * 60_000,
      isOpen: false,
      onOpen: (port) => opened.resolve(port),
      onFailure: (reason) => opened.reject(new Error(reason)),
    }
    try {
      await this.#replace(this.#store.inForce)
      const port = await opened.promise
      this.#editor.isOpen = true
      this.#logger.warn({ host: settings.host, port, minutes }, 'editor of Node-RED opened')
      this.#changed()
      return port
    } catch (error) {
      await this.#closeEditor()
      throw new IocError('EDITOR_FAILED', (error as Error).message, { cause: error })
    } finally {
      clearTimeout(timer)
    }
  }

  async #closeEditor(): Promise<void> {
    if (!this.#editor) return
    this.#editor = undefined
    await this.#replace(this.#store.inForce)
    this.#logger.warn('editor of Node-RED closed')
    this.#changed()
  }

  #check(): void {
    this.#process?.check()
    this.#outlet.check()
    if (this.#editor && this.#editor.deadline <= performance.now() && !this.#isClosing) {
      this.#isClosing = true
      // Flows on trial go on until its end; the editor does not.
      this.#process?.send({ kind: 'close-editor' })
      void this.#inTurn(() => this.#closeEditor()).finally(() => {
        this.#isClosing = false
      })
    }
    this.#checkFile()
  }

  /** Applies the file when it has changed, and was not being written a moment ago. */
  #checkFile(): void {
    const stamp = stampOf(this.#settings.file)
    const isStill = stamp === this.#seenStamp
    this.#seenStamp = stamp
    if (stamp === this.#appliedStamp || !isStill) return
    this.#appliedStamp = stamp
    this.#applyFile(stamp).catch((error: unknown) => {
      if (!isIocError(error)) this.#logger.error({ err: error }, 'flows cannot be read')
    })
  }

  async #applyFile(stamp: string): Promise<void> {
    if (stamp === '') return this.apply(undefined, 'file')
    let flows: Flows
    try {
      flows = parseFlows(readFileSync(this.#settings.file, 'utf8'))
    } catch (error) {
      this.#reject((error as Error).message)
      return
    }
    await this.apply(flows, 'file')
  }
}

/** Tells a file from an earlier version of itself; empty where there is none. */
function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat ? `${stat.mtimeMs} ${stat.size}` : ''
}

function createTrial(revision: Revision): Trial {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  // It may be rejected before anyone waits for it.
  promise.catch(() => undefined)
  return { revision, ended: promise, resolve, reject, timer: undefined }
}
