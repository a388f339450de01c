import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { addressOf, CameraFile, cameraTypes, keyOf, type NewCamera } from '@ioc/camera-bridge/cameras/camera-file.ts'
import { type Diagnosis, explainHealth } from '@ioc/camera-bridge/health/diagnosis.ts'
import { readCameraCsv } from '@ioc/camera-bridge/onboarding/camera-csv.ts'
import { explainPicture } from '@ioc/camera-bridge/onboarding/explanation.ts'
import type { Trial } from '@ioc/camera-bridge/onboarding/try-camera.ts'
import { defaultDiscovery, discover, ownAddresses } from '@ioc/camera-bridge/onvif/discovery.ts'
import { bridgeFolder, cameraBridgeOptions } from '@ioc/camera-bridge/options.ts'
import { BaselineStore } from '@ioc/camera-bridge/picture/baseline-store.ts'
import type { PictureFigures } from '@ioc/camera-bridge/picture/limits.ts'
import { cameraReasonTitles } from '@ioc/contract/device-types/camera-health.ts'
import { IocError } from '@ioc/contract/errors.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { displayStamp } from '@ioc/runtime/display-time.ts'
import { ensureFolder } from '@ioc/runtime/process.ts'
import { tableLines } from '@ioc/stream-processor/explain/text.ts'
import { misused, oneOf, print, readArguments, readPassword } from './arguments.ts'
import type { Command } from './command.ts'
import { noteChange } from './note-change.ts'

const usage =
  'camera discover | add NAME ADDRESS | move NAME ADDRESS | replace NAME | import FILE | list | test NAME | explain NAME | remove NAME [--username NAME] [--stdin] [--title TEXT] [--type TYPE] [--snapshot URL] [--site SITE] [--live-url URL] [--json]'
const actions = ['discover', 'add', 'move', 'replace', 'import', 'list', 'test', 'explain', 'remove'] as const

const text = { type: 'string' } as const
const flag = { type: 'boolean', default: false } as const
const flags = {
  username: text,
  title: text,
  type: text,
  snapshot: text,
  site: text,
  'live-url': text,
  stdin: flag,
  json: flag,
} as const

/** Arguments of each action beside itself. */
const argumentsOf = {
  discover: [],
  add: ['NAME', 'ADDRESS'],
  move: ['NAME', 'ADDRESS'],
  replace: ['NAME'],
  import: ['FILE'],
  list: [],
  test: ['NAME'],
  explain: ['NAME'],
  remove: ['NAME'],
} as const satisfies Record<(typeof actions)[number], readonly string[]>

export const camera: Command = {
  usage,
  title: 'find, add, test and explain the cameras of the camera bridge; changes take effect at once',
  help:
    '  discover lists cameras that answer on the networks of this machine; it adds none.\n' +
    '  add tests the camera first. ADDRESS is its ONVIF address (http://…) or, without ONVIF, its stream (rtsp://…).\n' +
    '  --stdin reads its password from standard input.\n' +
    '  move watches a camera at another address, if its serial number is the same.\n' +
    '  replace takes another device at the address of a camera for that camera, as after a repair; --username: its login.\n' +
    '  import reads a CSV file with the columns name, title, type, onvif, stream, snapshot, username, password, lat, lon.\n' +
    '  --site names the site of the camera where it is not that of the bridge; its credential is credentials/SITE.json.\n' +
    '  --live-url is the page of a recorder or gateway on which its video is watched.\n' +
    '  explain shows why each step is as it is, and the figures of the last picture beside their limits.\n',
  async run(args) {
    const { positionals, values } = readArguments(args, flags, usage, ['ACTION', '[NAME]', '[ADDRESS]'])
    const [word = '', first = '', second = ''] = positionals
    const action = oneOf(actions, word, 'ACTION', usage)
    const expected = argumentsOf[action]
    const missing = expected[positionals.length - 1]
    if (missing !== undefined) throw misused(`${missing} is missing`, usage)
    if (positionals.length - 1 > expected.length)
      throw misused(`unexpected argument ${JSON.stringify(second || first)}`, usage)
    const folder = bridgeFolder(readOptions(cameraBridgeOptions, process.env))
    const signal = AbortSignal.timeout(maxMs)
    switch (action) {
      case 'discover':
        return showDiscovery(signal, values.json)
      case 'add':
        return add(folder, await newCamera(first, second, values), signal, values.json)
      case 'move':
        return move(folder, first, second, signal, values.json)
      case 'replace':
        return replace(folder, first, await loginOf(values), signal, values.json)
      case 'import':
        return importFile(folder, first)
      case 'list':
        return list(folder, values.json)
      case 'test':
        return testCamera(folder, first, signal, values.json)
      case 'explain':
        return explain(folder, first, values.json)
      case 'remove':
        openFile(folder).remove(first)
        noteChange({ what: 'camera.remove', target: first })
        process.stdout.write(`camera ${first} removed\n`)
        return 0
      default:
        return action satisfies never
    }
  },
}

/** It decodes pictures: loaded only by the actions that test a camera. */
const loadTrial = () => import('@ioc/camera-bridge/onboarding/try-camera.ts')

/** Longest that a command talks to cameras, in ms. */
const maxMs = 60_000

function openFile(folder: string): CameraFile {
  if (!existsSync(join(folder, 'cameras.json'))) {
    throw new IocError('CAMERA_UNKNOWN', `${folder} has no cameras yet: add one, or set IOC_CAMERA_DATA_DIR`)
  }
  return new CameraFile(folder)
}

async function showDiscovery(signal: AbortSignal, json: boolean): Promise<number> {
  const interfaces = ownAddresses()
  const { cameras, ignored } = await discover({ ...defaultDiscovery, interfaces }, signal)
  const rows = cameras.map(({ onvif, name = '', hardware = '', reference }) => [onvif, name, hardware, reference])
  const found = `${cameras.length} cameras on ${interfaces.join(', ') || 'no network'}; ${ignored} other answers\n`
  print(json, cameras, `${tableLines([['address', 'name', 'hardware', 'reference'], ...rows], 4).join('\n')}\n${found}`)
  return 0
}

async function newCamera(
  name: string,
  address: string,
  values: Partial<Record<'username' | 'title' | 'type' | 'snapshot' | 'site' | 'live-url', string>> & {
    readonly stdin: boolean
  },
): Promise<NewCamera> {
  const { title, type, snapshot, site, 'live-url': live_url } = values
  const { username, password } = await loginOf(values)
  return {
    name,
    type: type === undefined ? 'camera' : oneOf(cameraTypes, type, '--type', usage),
    ...addressOf(address),
    ...(title === undefined ? {} : { title }),
    ...(snapshot === undefined ? {} : { snapshot }),
    ...(site === undefined ? {} : { site }),
    ...(live_url === undefined ? {} : { live_url }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  }
}

/** The login that is given, where one is. */
async function loginOf({ username, stdin }: { readonly username?: string; readonly stdin: boolean }) {
  if (stdin && username === undefined) throw misused('--stdin requires --username', usage)
  return { username, password: stdin ? await readPassword() : undefined }
}

async function add(folder: string, added: NewCamera, signal: AbortSignal, json: boolean): Promise<number> {
  ensureFolder(folder)
  const { addCamera } = await import('@ioc/camera-bridge/onboarding/add-camera.ts')
  const trial = await addCamera(new CameraFile(folder), added, signal)
  noteChange({ what: 'camera.add', target: keyOf(added) })
  showTrial(added.name, trial, json)
  return 0
}

async function move(
  folder: string,
  name: string,
  address: string,
  signal: AbortSignal,
  json: boolean,
): Promise<number> {
  const file = openFile(folder)
  if (!URL.canParse(address)) throw misused(`ADDRESS: ${JSON.stringify(address)} is not an address`, usage)
  const { moveCamera } = await import('@ioc/camera-bridge/onboarding/add-camera.ts')
  const trial = await moveCamera(file, name, addressOf(address), signal)
  noteChange({ what: 'camera.address', target: name })
  showTrial(name, trial, json)
  return 0
}

async function replace(
  folder: string,
  name: string,
  { username, password = '' }: Awaited<ReturnType<typeof loginOf>>,
  signal: AbortSignal,
  json: boolean,
): Promise<number> {
  const account = username === undefined ? undefined : { username, password }
  const { replaceCamera } = await import('@ioc/camera-bridge/onboarding/add-camera.ts')
  const trial = await replaceCamera(openFile(folder), name, account, signal)
  noteChange({ what: 'camera.replace', target: name })
  showTrial(name, trial, json)
  return 0
}

function importFile(folder: string, path: string): number {
  const cameras = readCameraCsv(readText(path))
  ensureFolder(folder)
  const file = new CameraFile(folder)
  file.addAll(cameras)
  for (const { name } of cameras) noteChange({ what: 'camera.add', target: name })
  process.stdout.write(`${cameras.length} cameras added\n`)
  return 0
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new IocError('CAMERAS_INVALID', `cannot read ${path}: ${(cause as Error).message}`, { cause })
  }
}

function list(folder: string, json: boolean): number {
  const cameras = existsSync(join(folder, 'cameras.json')) ? new CameraFile(folder).list() : []
  const listed = cameras.map(({ secret: _, ...one }) => one)
  const rows = listed.map(({ type, title = '', onvif, stream = '', serial = '', ...one }) => [
    keyOf(one),
    type,
    onvif ?? stream,
    serial,
    title,
  ])
  print(json, listed, `${tableLines([['name', 'type', 'address', 'serial', 'title'], ...rows], 5).join('\n')}\n`)
  return 0
}

async function testCamera(folder: string, name: string, signal: AbortSignal, json: boolean): Promise<number> {
  const file = openFile(folder)
  const entry = file.find(name)
  const { tryCamera } = await loadTrial()
  const trial = await tryCamera(entry, file.account(entry), signal)
  showTrial(name, trial, json)
  return trial.state === 'online' ? 0 : 1
}

function showTrial(name: string, { state, reason, steps, information }: Trial, json: boolean): void {
  const of =
    information && `${information.manufacturer} ${information.model}, ${information.firmware}, ${information.serial}`
  const rows = Object.entries(steps).map(([step, outcome]) => [step, outcome])
  const head = `${name}: ${state}${reason === undefined ? '' : `, ${reason}`}${of === undefined ? '' : ` (${of})`}\n`
  print(json, { name, state, reason, steps, information }, `${head}${tableLines(rows, 2).join('\n')}\n`)
}

function explain(folder: string, name: string, json: boolean): number {
  openFile(folder).find(name)
  const { figures = [], health } = new BaselineStore(folder).read(name) ?? {}
  const last = figures.at(-1)
  if (!last && !health) throw new IocError('NOTHING_TO_EXPLAIN', `${name} was not watched yet`)
  const rules = last === undefined ? [] : explainPicture(last)
  const texts = [...(health ? [healthText(name, health)] : []), ...(last ? [pictureText(name, last, figures)] : [])]
  print(json, { health, last, rules, recent: figures }, texts.join('\n'))
  return 0
}

function healthText(name: string, health: Diagnosis): string {
  const { state, reason, ts } = health
  const head = `${name}: ${state}${reason === undefined ? '' : `, ${cameraReasonTitles[reason].en}`} at ${displayStamp(ts)}\n`
  return `${head}${tableLines([['step', 'result', 'why'], ...explainHealth(health)], 3).join('\n')}\n`
}

function pictureText(name: string, last: PictureFigures, figures: readonly PictureFigures[]): string {
  const rows = explainPicture(last).map(({ fault, rule, shows }) => [fault, shows ? 'yes' : 'no', rule])
  const recent = figures
    .slice(-maxRecent)
    .map((one) => [displayStamp(one.ts), one.state, String(one.rest ?? ''), String(one.mean), String(one.sharpness)])
  return (
    `picture of ${name}: ${last.state} at ${displayStamp(last.ts)}\n${tableLines([['fault', 'shows', 'figure and limit'], ...rows], 3).join('\n')}\n\n` +
    `${tableLines([['picture', 'state', 'difference', 'mean', 'sharpness'], ...recent], 5).join('\n')}\n`
  )
}

/** Pictures that are listed. */
const maxRecent = 12
