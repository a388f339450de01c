import { join } from 'node:path'
import { IocError, isIocError } from '@ioc/contract/errors.ts'
import {
  type AddedCamera,
  type FoundCameras,
  type LinkAnswer,
  maxFoundNameLength,
  maxUrlLength,
  type WallRequest,
} from '@ioc/contract/messages/camera-link.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import { ensureFolder, type Running } from '@ioc/runtime/process.ts'
import { BridgeNode } from './bridge-node.ts'
import { addressOf, type CameraEntry, CameraFile, keyOf } from './cameras/camera-file.ts'
import { defaultWorkerSettings } from './health/camera-worker.ts'
import { isSameDevice } from './health/identity-check.ts'
import { findIdentity, type Identity, siteIdentity } from './identity.ts'
import { addCamera } from './onboarding/add-camera.ts'
import { Offers } from './onboarding/offers.ts'
import { AnnouncementListener } from './onvif/announcement-listener.ts'
import {
  type Announcement,
  type DiscoveredCamera,
  defaultDiscovery,
  discover,
  ownAddresses,
} from './onvif/discovery.ts'
import { bridgeFolder, type CameraBridgeOptions, wallUrlOf } from './options.ts'
import { BaselineStore } from './picture/baseline-store.ts'
import { PictureWatch } from './picture/picture-watch.ts'
import { defaultPtzTimes } from './ptz/ptz-controller.ts'
import { WatchedCamera } from './watched-camera.ts'

/** How often the list of cameras is looked at, in ms: watching a file fails where the system has no watches left. */
const reloadMs = 2_000
/** How often baselines are saved, in ms. */
const saveMs = 10 * 60_000
/** Longest wait for checks in progress at the end, in ms. */
const lastCheckMs = 3_000
/** Longest discovery, and test of a camera that is added, that the wall asks for, in ms. */
const maxOnboardingMs = 15_000

/**
 * The camera bridge: cameras fill the outbox of the node of their site, its uplink empties it. Changes to the list of
 * cameras take effect while it runs.
 * @throws IocError OPTION_INVALID, NAME_INVALID, FOLDER_UNUSABLE, DISK_FULL, CAMERAS_INVALID
 */
export async function startBridge(options: CameraBridgeOptions, logger: Logger): Promise<Running> {
  const folder = ensureFolder(bridgeFolder(options))
  const own = await findIdentity(options, folder)
  const file = new CameraFile(folder)
  const baselines = new BaselineStore(folder)
  const nodes = new Map<string, BridgeNode>()
  /** By key, with the node that they belong to. */
  const cameras = new Map<string, { readonly camera: WatchedCamera; readonly node: BridgeNode }>()
  const settings = {
    worker: { ...defaultWorkerSettings, cadenceMs: options.cameraCadenceMs, pictureMs: options.cameraPictureMs },
    ptz: { ...defaultPtzTimes, homeMs: options.cameraHomeMs },
    stillMs: options.cameraStillMs,
  }

  function startNode(identity: Identity): BridgeNode {
    const { site } = identity.address
    const isOwn = identity === own
    const node = new BridgeNode(
      {
        ...{ identity, options, onRequest, offered },
        outboxFolder: isOwn ? join(folder, 'outbox') : join(folder, 'outboxes', site),
        area: isOwn ? options.area : '',
        wallUrl: wallUrlOf(options),
      },
      logger.child({ site }),
    )
    node.start()
    nodes.set(site, node)
    return node
  }

  /** Undefined where the site has no credential yet. */
  async function nodeOf({ site }: CameraEntry, isChanged: boolean): Promise<BridgeNode | undefined> {
    const name = site ?? own?.address.site
    if (name === undefined)
      throw new IocError('OPTION_INVALID', 'cameras without a site need a credential of the bridge')
    const known = nodes.get(name)
    if (known) return known
    const identity = await siteIdentity(folder, name).catch((error: unknown) => {
      // Cameras of other sites do not wait for it.
      if (!isIocError(error)) throw error
      if (isChanged)
        logger.error({ err: error, site: name }, 'invalid credential of a site; its cameras are not watched')
      return undefined
    })
    return identity && startNode(identity)
  }

  function startCamera(entry: CameraEntry, node: BridgeNode): void {
    const key = keyOf(entry)
    const pictures = new PictureWatch(baselines.baseline(key, Date.now()), { fixed: entry.type === 'camera' })
    const handlers = { ...node.handlers, onChange: () => save(key, camera) }
    const camera = new WatchedCamera(entry, file.account(entry), pictures, settings, handlers, logger)
    cameras.set(key, { camera, node })
    node.cameras.set(entry.name, camera)
    camera.start()
  }

  async function stopCamera(key: string): Promise<void> {
    const found = cameras.get(key)
    if (!found) return
    const { camera, node } = found
    cameras.delete(key)
    node.cameras.delete(camera.entry.name)
    await Promise.race([camera.stop(), new Promise((resolve) => setTimeout(resolve, lastCheckMs).unref())])
    save(key, camera)
  }

  /** Cameras are watched also where the disk is full. */
  function save(key: string, camera: WatchedCamera): void {
    try {
      baselines.save(key, camera.saved)
    } catch (err) {
      logger.error({ err, camera: key }, 'what was learned of a camera could not be saved')
    }
  }

  let stamp = ''
  /** Cameras whose site has no credential yet. */
  let waiting = 0
  let reloading: Promise<void> = Promise.resolve()
  async function reload(): Promise<void> {
    const current = file.stamp
    const isChanged = current !== stamp
    if (!isChanged && waiting === 0) return
    stamp = current
    const entries = file.list()
    const changed = new Set<BridgeNode>()
    for (const [key, { camera, node }] of [...cameras]) {
      const now = entries.find((one) => keyOf(one) === key)
      if (now && JSON.stringify(now) === JSON.stringify(camera.entry)) continue
      await stopCamera(key)
      changed.add(node)
      if (!now || !isSameDevice(now, camera.entry)) baselines.remove(key)
    }
    waiting = 0
    for (const entry of entries) {
      if (cameras.has(keyOf(entry))) continue
      const node = await nodeOf(entry, isChanged)
      if (!node) {
        waiting += 1
        continue
      }
      startCamera(entry, node)
      changed.add(node)
    }
    if (isChanged || changed.size > 0) logger.info({ cameras: cameras.size, waiting }, 'list of cameras read')
    for (const node of changed) node.announce()
    if (isChanged) for (const node of nodes.values()) node.offer(offered())
  }

  /** Also from the wall: one reading of the list at a time. */
  function reloadNow(): Promise<void> {
    reloading = reloading.then(reload).catch((error: unknown) => {
      if (!isIocError(error)) throw error
      logger.error({ err: error }, 'the list of cameras is invalid; the previous one stays in force')
    })
    return reloading
  }

  async function onRequest(node: BridgeNode, ask: WallRequest): Promise<LinkAnswer> {
    switch (ask.kind) {
      case 'still':
        return { still: await requireCamera(node, ask.camera).still(ask.fresh) }
      case 'ptz': {
        const { ptz } = requireCamera(node, ask.camera)
        if (!ptz) throw new IocError('CAMERA_FAULT', `${ask.camera} does not turn`)
        return { ptz: await ptz.move(ask.by, ask.priority, ask.move) }
      }
      case 'discover':
        return { found: await findCameras() }
      case 'add':
        return addFromWall(node, ask.camera)
      case 'remove':
        file.remove(keyOf(requireCamera(node, ask.camera).entry))
        await reloadNow()
        return {}
      default:
        return ask satisfies never
    }
  }

  async function findCameras(): Promise<FoundCameras> {
    const { cameras: found } = await discover(
      { ...defaultDiscovery, interfaces: ownAddresses() },
      AbortSignal.timeout(maxOnboardingMs),
    )
    return describe(found)
  }

  function describe(found: readonly DiscoveredCamera[]): FoundCameras {
    const known = new Set(file.list().map(({ onvif }) => onvif))
    return found.flatMap(({ onvif, name = '', hardware = '' }) =>
      onvif.length > maxUrlLength
        ? []
        : [{ onvif, name: shortened(name), hardware: shortened(hardware), known: known.has(onvif) }],
    )
  }

  const offers = new Offers(() => {
    for (const node of nodes.values()) node.offer(offered())
  })
  const offered = () => describe(offers.list()).filter(({ known }) => !known)

  function onAnnouncement(announcement: Announcement, from: string): void {
    const watched = [...cameras.values()].filter(({ camera }) => hostOf(camera.entry) === from)
    for (const { camera } of watched) camera.worker.announce(announcement.kind)
    if (announcement.kind === 'hello' && watched.length === 0) offers.note(announcement.camera)
  }

  async function addFromWall(node: BridgeNode, { address, ...camera }: AddedCamera): Promise<LinkAnswer> {
    const site = node.site === own?.address.site ? {} : { site: node.site }
    const added = { ...camera, ...site, ...addressOf(address) }
    const { state, reason = null } = await addCamera(file, added, AbortSignal.timeout(maxOnboardingMs))
    await reloadNow()
    return { trial: { state, reason } }
  }

  const listener = new AnnouncementListener(
    { group: defaultDiscovery.group, port: defaultDiscovery.port, interfaces: ownAddresses },
    onAnnouncement,
    logger,
  )
  if (options.cameraAnnouncements) await listener.start()
  if (own) startNode(own)
  await reload()
  const reloadTimer = setInterval(() => void reloadNow(), reloadMs)
  const saveTimer = setInterval(() => {
    for (const [key, { camera }] of cameras) save(key, camera)
  }, saveMs)
  const all = () => [...nodes.values()]
  const sum = (figure: (node: BridgeNode) => number) => all().reduce((total, node) => total + figure(node), 0)

  return {
    async stop() {
      clearInterval(reloadTimer)
      clearInterval(saveTimer)
      await listener.stop()
      await offers.stop()
      await reloading
      await Promise.all([...cameras.keys()].map(stopCamera))
      await Promise.all(all().map((node) => node.stop()))
    },
    gauges: () => ({
      queued: sum(({ outbox }) => outbox.queued),
      lost: sum(({ outbox }) => outbox.lost + outbox.unnumbered),
      sent: sum(({ uplink }) => uplink.sent),
      connected: Number(all().every(({ uplink }) => uplink.connected)),
      linked: sum(({ linked }) => Number(linked)),
      cameras: cameras.size,
    }),
  }
}

/** Where a camera is; announcements are recognized by it. */
const hostOf = ({ onvif, stream }: CameraEntry): string | undefined => URL.parse(onvif ?? stream ?? '')?.hostname

/** What a camera names itself, as far as the wall shows it. */
const shortened = (text: string): string => text.slice(0, maxFoundNameLength)

/** @throws IocError CAMERA_UNKNOWN */
function requireCamera(node: BridgeNode, name: string): WatchedCamera {
  const found = node.cameras.get(name)
  if (!found) throw new IocError('CAMERA_UNKNOWN', `no camera is named ${JSON.stringify(name)}`)
  return found
}
