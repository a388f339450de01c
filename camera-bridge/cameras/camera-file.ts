import { statSync } from 'node:fs'
import { join } from 'node:path'
import { IocError } from '@ioc/contract/errors.ts'
import { maxPresetTokenLength, maxUrlLength } from '@ioc/contract/messages/camera-link.ts'
import { requireSlug } from '@ioc/contract/names.ts'
import { readPrivateText, writePrivateJson } from '@ioc/runtime/private-file.ts'
import type { Account } from '../onvif/digest.ts'
import { SecretBox } from './secret-box.ts'

export const cameraTypes = ['camera', 'high_camera'] as const
export type CameraType = (typeof cameraTypes)[number]

/** A camera, as it is listed. It has an ONVIF address, or a stream, or both. */
export interface CameraEntry {
  /** The id of the device. */
  readonly name: string
  readonly title?: string
  readonly type: CameraType
  readonly onvif?: string
  readonly stream?: string
  readonly snapshot?: string
  readonly username?: string
  /** The password, encrypted. */
  readonly secret?: string
  /** What the camera is recognized by after its address changed. */
  readonly serial?: string
  readonly mac?: string
  readonly lat?: number
  readonly lon?: number
  /** The site where the camera is, where that is not the site of the bridge; it needs a credential of its own. */
  readonly site?: string
  /** Where its video is watched live: a page of a recorder or of a WebRTC gateway. */
  readonly live_url?: string
  /** Polygons that are blackened in each still before it leaves the bridge. */
  readonly masks?: readonly Mask[]
  readonly ptz?: PtzSettings
}

/** Corners, from 0 to 1 of the width and of the height. */
export type Mask = readonly (readonly [x: number, y: number])[]

/** Of a camera that turns. */
export interface PtzSettings {
  /** Token of the preset to which it returns; without one, the camera's own home. */
  readonly home?: string
  /** Presets that it turns through while nobody controls it. */
  readonly tour?: readonly TourStep[]
  /** Where it looks at a pan of zero, in degrees clockwise from north. */
  readonly north_deg?: number
}

interface TourStep {
  readonly preset: string
  readonly dwell_s: number
}

export interface NewCamera extends Omit<CameraEntry, 'secret'> {
  readonly password?: string
}

/** Cameras of one bridge, at most. */
const maxCameras = 1_000
const maxTitleLength = 200
const maxMasks = 20
const maxCorners = 50
const maxTourSteps = 50
/** A camera that turns more often wears out, and shows nothing for long enough to be seen. */
const minDwellS = 20
const maxDwellS = 86_400

/** The cameras of a bridge: `cameras.json` in its folder, which only its user may read. */
export class CameraFile {
  readonly #path: string
  readonly #box: SecretBox

  constructor(folder: string) {
    this.#path = join(folder, 'cameras.json')
    this.#box = new SecretBox(folder)
  }

  /** @throws IocError CAMERAS_INVALID */
  list(): readonly CameraEntry[] {
    const text = readPrivateText(this.#path)
    if (text === undefined) return []
    try {
      const { cameras } = JSON.parse(text) as { readonly cameras: readonly unknown[] }
      return cameras.map(readEntry)
    } catch (cause) {
      throw new IocError('CAMERAS_INVALID', `${this.#path}: ${(cause as Error).message}`, { cause })
    }
  }

  /** Changes with the content. */
  get stamp(): string {
    const stats = statSync(this.#path, { throwIfNoEntry: false })
    return stats ? `${stats.mtimeMs} ${stats.ino}` : ''
  }

  /** @throws IocError CAMERA_EXISTS, CAMERAS_INVALID, NAME_INVALID, LIMIT_REACHED */
  add(camera: NewCamera): void {
    this.addAll([camera])
  }

  /** All of them, or none where one is not valid. @throws IocError as `add` */
  addAll(added: readonly NewCamera[]): void {
    const cameras = [...this.list()]
    for (const { password, ...camera } of added) {
      const secret = password === undefined ? {} : { secret: this.#box.seal(keyOf(camera), password) }
      cameras.push(admit(cameras, { ...camera, ...secret }))
    }
    this.#save(cameras)
  }

  /** Whether a camera could be added. @throws IocError as `add` */
  check(camera: Omit<NewCamera, 'password'>): void {
    admit(this.list(), camera)
  }

  /**
   * Replaces the address of a camera: it stays the same camera, with what was learned of its pictures.
   * @throws IocError CAMERA_UNKNOWN, CAMERA_EXISTS, CAMERAS_INVALID
   */
  readdress(name: string, address: CameraAddress): void {
    this.#replace(name, movedTo(this.find(name), address))
  }

  /**
   * Replaces what a camera is recognized by, and its login where one is given: it is another device at the same place.
   * @throws IocError CAMERA_UNKNOWN, CAMERA_EXISTS, CAMERAS_INVALID
   */
  reidentify(name: string, identity: Pick<CameraEntry, 'serial' | 'mac'>, account?: Account): void {
    const { serial: _, mac: __, ...entry } = this.find(name)
    const login = account && { username: account.username, secret: this.#box.seal(name, account.password) }
    this.#replace(name, { ...entry, ...identity, ...login })
  }

  #replace(name: string, replacement: CameraEntry): void {
    const others = this.list().filter((one) => keyOf(one) !== name)
    const entry = admit(others, replacement)
    this.#save(this.list().map((one) => (keyOf(one) === name ? entry : one)))
  }

  /** @param name with its site before it where it has one, as `keyOf` writes it. @throws IocError CAMERA_UNKNOWN */
  remove(name: string): void {
    this.find(name)
    this.#save(this.list().filter((one) => keyOf(one) !== name))
  }

  /** @throws IocError CAMERA_UNKNOWN */
  find(name: string): CameraEntry {
    const found = this.list().find((one) => keyOf(one) === name)
    if (!found) throw new IocError('CAMERA_UNKNOWN', `no camera is named ${JSON.stringify(name)}`)
    return found
  }

  /** @throws IocError CAMERAS_INVALID */
  account({ username, secret, ...entry }: CameraEntry): Account | undefined {
    if (username === undefined) return undefined
    return { username, password: secret === undefined ? '' : this.#box.open(keyOf(entry), secret) }
  }

  #save(cameras: readonly CameraEntry[]): void {
    writePrivateJson(this.#path, { version: 1, cameras })
  }
}

function admit(cameras: readonly CameraEntry[], camera: CameraEntry): CameraEntry {
  if (cameras.length >= maxCameras) throw new IocError('LIMIT_REACHED', `a bridge has at most ${maxCameras} cameras`)
  const entry = readEntry(camera)
  const same = cameras.find((one) => isSame(one, entry))
  if (same) throw new IocError('CAMERA_EXISTS', `${same.name} is already listed with the same name, address or serial`)
  return entry
}

/** Where a camera is: by ONVIF, or by its stream alone. */
export type CameraAddress = { readonly onvif: string } | { readonly stream: string }

export const addressOf = (address: string): CameraAddress =>
  /^rtsps?:/.test(address) ? { stream: address } : { onvif: address }

/** The same camera elsewhere. A stream or a picture at an address of its own was at the old one. */
export function movedTo({ onvif: _, stream, snapshot, ...entry }: CameraEntry, address: CameraAddress): CameraEntry {
  const { host } = new URL('onvif' in address ? address.onvif : address.stream)
  const elsewhere = (url: string) => {
    const moved = new URL(url)
    moved.hostname = new URL(`http://${host}`).hostname
    return moved.href
  }
  return {
    ...entry,
    ...(stream === undefined ? {} : { stream: elsewhere(stream) }),
    ...(snapshot === undefined ? {} : { snapshot: elsewhere(snapshot) }),
    ...address,
  }
}

/** What a camera is called within its bridge: cameras of two sites may have the same name. */
export const keyOf = ({ site, name }: Pick<CameraEntry, 'site' | 'name'>): string =>
  site === undefined ? name : `${site}/${name}`

function isSame(a: CameraEntry, b: CameraEntry): boolean {
  if (keyOf(a) === keyOf(b)) return true
  return (['onvif', 'stream', 'serial', 'mac'] as const).some((key) => a[key] !== undefined && a[key] === b[key])
}

/** @throws IocError CAMERAS_INVALID, NAME_INVALID */
function readEntry(raw: unknown): CameraEntry {
  const { name, type = 'camera', ...rest } = (raw ?? {}) as Record<string, unknown>
  const invalid = (what: string) => new IocError('CAMERAS_INVALID', `camera ${JSON.stringify(name)}: ${what}`)
  const slug = requireSlug(String(name ?? ''), 'name of the camera')
  if (!cameraTypes.includes(type as CameraType)) throw invalid(`type must be one of ${cameraTypes.join(', ')}`)
  const text = (key: string) => {
    const value = rest[key]
    if (value === undefined || value === '') return {}
    if (typeof value !== 'string') throw invalid(`${key} must be text`)
    return { [key]: value }
  }
  const url = (key: string, protocols: RegExp) => {
    const given = text(key)[key]
    if (given !== undefined && !protocols.test(URL.parse(given)?.protocol ?? '')) {
      throw invalid(`${key} is not a valid address`)
    }
    if (given !== undefined && (URL.parse(given)?.password ?? '') !== '') {
      throw invalid(`${key} contains a password: use username and password instead`)
    }
    return given === undefined ? {} : { [key]: given }
  }
  const degrees = (key: string, max: number) => {
    const value = rest[key]
    if (value === undefined) return {}
    if (typeof value !== 'number' || !(Math.abs(value) <= max)) throw invalid(`${key} must be from -${max} to ${max}`)
    return { [key]: value }
  }
  const entry: CameraEntry = {
    name: slug,
    type: type as CameraType,
    ...text('title'),
    ...url('onvif', /^https?:$/),
    ...url('stream', /^rtsps?:$/),
    ...url('snapshot', /^https?:$/),
    ...text('username'),
    ...text('secret'),
    ...text('serial'),
    ...text('mac'),
    ...degrees('lat', 90),
    ...degrees('lon', 180),
    ...(rest['site'] === undefined ? {} : { site: requireSlug(String(rest['site']), 'site of the camera') }),
    ...url('live_url', /^https?:$/),
    ...(rest['masks'] === undefined ? {} : { masks: readMasks(rest['masks'], invalid) }),
    ...(rest['ptz'] === undefined ? {} : { ptz: readPtz(rest['ptz'], invalid) }),
  }
  if ((entry.title?.length ?? 0) > maxTitleLength) throw invalid(`title is longer than ${maxTitleLength} characters`)
  const { live_url: live = '' } = entry
  if (live !== '' && !(/^https?:\/\//.test(live) && live.length <= maxUrlLength)) {
    throw invalid(`live_url must begin with http:// or https://, and have at most ${maxUrlLength} characters`)
  }
  if (entry.onvif === undefined && entry.stream === undefined) throw invalid('an onvif or a stream address is required')
  return entry
}

type Invalid = (what: string) => IocError

function readMasks(raw: unknown, invalid: Invalid): readonly Mask[] {
  const isShare = (value: unknown) => typeof value === 'number' && value >= 0 && value <= 1
  const isCorner = (one: unknown) => Array.isArray(one) && one.length === 2 && one.every(isShare)
  const isMask = (one: unknown) =>
    Array.isArray(one) && one.length >= 3 && one.length <= maxCorners && one.every(isCorner)
  if (!Array.isArray(raw) || raw.length > maxMasks || !raw.every(isMask)) {
    throw invalid(
      `masks must be at most ${maxMasks} polygons of 3 to ${maxCorners} corners [x, y], each from 0 to 1 of the picture`,
    )
  }
  return raw as readonly Mask[]
}

function readPtz(raw: unknown, invalid: Invalid): PtzSettings {
  const { home, tour = [], north_deg: north, ...others } = (raw ?? {}) as Record<string, unknown>
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw invalid(`ptz has no setting ${unknown}`)
  const isToken = (value: unknown) => typeof value === 'string' && value.length <= maxPresetTokenLength
  const isStep = (one: unknown) => {
    const { preset, dwell_s: dwell } = (one ?? {}) as Record<string, unknown>
    return isToken(preset) && typeof dwell === 'number' && dwell >= minDwellS && dwell <= maxDwellS
  }
  if (home !== undefined && !isToken(home)) throw invalid('ptz.home must be the token of a preset')
  if (!Array.isArray(tour) || tour.length > maxTourSteps || !tour.every(isStep)) {
    throw invalid(`ptz.tour must be at most ${maxTourSteps} entries {preset, dwell_s}, each of at least ${minDwellS} s`)
  }
  if (north !== undefined && !(typeof north === 'number' && Math.abs(north) <= 360)) {
    throw invalid('ptz.north_deg must be from -360 to 360')
  }
  return {
    ...(home === undefined ? {} : { home: home as string }),
    ...(tour.length === 0 ? {} : { tour: tour as readonly TourStep[] }),
    ...(north === undefined ? {} : { north_deg: north }),
  }
}
