import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CameraFile } from '@ioc/camera-bridge/cameras/camera-file.ts'
import { parseTelemetry } from '@ioc/contract/messages/telemetry.ts'
import { displayOffsetMs } from '@ioc/runtime/display-time.ts'
import { faketimeLibrary } from '@ioc/runtime/testing/faketime.ts'
import { SimulatedCamera } from '@ioc/simulator/onvif-camera/camera.ts'
import { daylight } from '@ioc/simulator/onvif-camera/daylight.ts'
import type { CameraState } from '@ioc/simulator/onvif-camera/state.ts'
import { startCentre, until } from '@ioc/tests/harness/centre.ts'
import mqtt from 'mqtt'
import { figure, quantile } from '../figure.ts'
import { cpuSeconds, peakMb, residentMb } from '../process-figures.ts'

const durationMs = Number(process.env['IOC_BENCH_SECONDS'] ?? 660) * 1000
const count = Number(process.env['IOC_BENCH_CAMERAS'] ?? 200)
/** Cameras of each kind of fault. The others stay in order. */
const perFault = Math.min(8, Math.floor(count / 20))
const login = { username: 'admin', password: 'bench' }
/** Longest time in which each fault must have been noticed, in ms. */
const noticeMs = 1_800_000
/** Faults of pictures are only found once ten pictures are known, and the noise of ten pairs. */
const learnMs = 11 * 60_000

/** When it begins on the clock of the cameras and of their bridge: at night there is no light that a fault could take away. */
const morningHour = 8
const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** What answers an operation that fails. */
const failure = { status: 500, body: '' } as const

/** Faults, what makes them, and the reason with which each is reported. */
const faults = [
  ['cut', { answer: 'cut' }, 'unreachable'],
  ['silent', { answer: 'silent' }, 'unreachable'],
  ['invalid', { answer: 'huge' }, 'invalid_answer'],
  ['clock', { clockOffsetMs: 600_000, ntp: false }, 'clock_drift'],
  ['time_server', { clockOffsetMs: 600_000 }, 'clock_unsynchronized'],
  ['zone', { clockOffsetMs: 7 * 3_600_000 }, 'clock_zone'],
  ['login', { unauthorized: ['GetDeviceInformation'] }, 'login_rejected'],
  ['profiles', { replies: { GetProfiles: failure } }, 'no_profiles'],
  ['snapshot', { replies: { snapshot: failure } }, 'no_snapshot'],
  ['stream', { stream: 'missing' }, 'no_stream'],
  ['events', { replies: { CreatePullPointSubscription: failure, PullMessages: failure } }, 'no_events'],
  ['recording', { recording: 'idle' }, 'not_recording'],
  ['frozen', { picture: 'frozen' }, 'frozen'],
  ['frozen_clock_runs', { picture: 'frozen_clock_runs' }, 'frozen_clock_runs'],
  ['covered', { picture: 'covered' }, 'covered'],
  ['dark', { picture: 'dark' }, 'dark'],
  ['blurred', { picture: 'blurred' }, 'blurred'],
  ['moved', { picture: 'moved' }, 'moved'],
  ['overexposed', { picture: 'overexposed' }, 'overexposed'],
] as const satisfies readonly (readonly [string, Partial<CameraState>, string])[]
const pictureFaults: readonly string[] = faults.slice(-7).map(([name]) => name)

/** What 200 cameras on one bridge cost, and how long each fault takes to be noticed. */
export async function cameras(): Promise<void> {
  const centre = await startCentre({ IOC_LOG_LEVEL: 'warn' })
  const folder = join(centre.dataDir, 'camera-bridge')
  const library = faketimeLibrary()
  const offsetMs = library === undefined ? 0 : untilMorning(Date.now())
  const simulated = await startCameras(folder, offsetMs)
  const credential = await centre.addNode('bench', 'bridge')
  const bridge = spawn(process.execPath, [new URL('../../camera-bridge/main.ts', import.meta.url).pathname], {
    env: {
      ...process.env,
      ...centre.environment,
      IOC_CAMERA_DATA_DIR: folder,
      IOC_CAMERA_SITE: 'bench',
      IOC_CAMERA_NODE: 'bridge',
      IOC_CAMERA_PASSWORD: credential.password,
      IOC_LOG_LEVEL: 'error',
      ...(offsetMs > 0 && {
        LD_PRELOAD: library,
        FAKETIME: `+${Math.round(offsetMs / 1000)}`,
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      }),
    },
    stdio: 'inherit',
  })
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${centre.mqttPort}`, centre.credential('centre'))
  try {
    const notices = new Notices()
    client.on('message', (_topic, payload) => {
      const parsed = parseTelemetry(payload)
      if (parsed.kind !== 'envelope') return
      for (const { device, values } of parsed.message.records) notices.note(device, String(values['reason']))
    })
    await client.subscribeAsync('ioc/v1/bench/bridge/telemetry', { qos: 1 })
    await until('all cameras are online', async () => notices.count('none') === count, Boolean, noticeMs)
    const pid = bridge.pid ?? 0
    const [cpu, requests] = [cpuSeconds(pid), requestsOf(simulated)]
    await sleep(durationMs)
    const seconds = durationMs / 1000
    const detail = { cameras: count, seconds, picture: '640 x 360', clock_moved_h: Math.round(offsetMs / hourMs) }
    figure('cameras.cpu_percent', ((cpuSeconds(pid) - cpu) / seconds) * 100, '% of a core', detail)
    figure('cameras.rss_mb', residentMb(pid), 'MB', detail)
    figure('cameras.rss_peak_mb', peakMb(pid), 'MB', detail)
    figure(
      'cameras.requests_per_camera_minute',
      (requestsOf(simulated) - requests) / count / (seconds / 60),
      '1/min',
      detail,
    )
    await timeToNotice(simulated, notices, isDay(Date.now() + offsetMs))
  } finally {
    await client.endAsync(true)
    bridge.kill('SIGTERM')
    await Promise.all(simulated.map((camera) => camera.stop()))
    await centre.stop()
    rmSync(centre.dataDir, { recursive: true, force: true })
  }
}

/** How far the clocks have to be moved to be at the morning, in ms. */
function untilMorning(now: number): number {
  return (((morningHour * hourMs - ((now + displayOffsetMs) % dayMs)) % dayMs) + dayMs) % dayMs
}

/** Whether it stays light until the faults of pictures are noticed. */
function isDay(now: number): boolean {
  return daylight(now) === 1 && daylight(now + noticeMs) === 1
}

/** Cameras that see a day: their light follows their clock. */
async function startCameras(folder: string, offsetMs: number): Promise<SimulatedCamera[]> {
  const clock = () => Date.now() + offsetMs
  const simulated = Array.from(
    { length: count },
    (_, n) => new SimulatedCamera({ login, clock, identity: { serial: `bench-${n}` }, scene: { seed: n + 1 } }),
  )
  await Promise.all(simulated.map((camera) => camera.start()))
  new CameraFile(folder).addAll(
    simulated.map((camera, n) => ({ name: `cam-${n}`, type: 'camera', onvif: camera.deviceUrl, ...login })),
  )
  return simulated
}

function requestsOf(simulated: readonly SimulatedCamera[]): number {
  return simulated.reduce((all, { requests }) => all + [...requests.values()].reduce((sum, one) => sum + one, 0), 0)
}

/** What is reported of each camera, and when each reason was for the first time. */
class Notices {
  /** Times at which a reason that is expected of a camera was given up for another. */
  withdrawn = 0
  readonly #reasons = new Map<string, string>()
  readonly #firstAt = new Map<string, number>()
  readonly #expected = new Map<string, string>()

  note(camera: string, reason: string): void {
    const before = this.#reasons.get(camera)
    if (before === reason) return
    this.#reasons.set(camera, reason)
    if (before !== undefined && before === this.#expected.get(camera)) this.withdrawn += 1
    const key = `${camera} ${reason}`
    if (!this.#firstAt.has(key)) this.#firstAt.set(key, performance.now())
  }

  count(reason: string): number {
    return [...this.#reasons.values()].filter((one) => one === reason).length
  }

  /** From now on the reason is expected of the camera. */
  expect(camera: string, reason: string): void {
    this.#expected.set(camera, reason)
    this.#firstAt.delete(`${camera} ${reason}`)
  }

  /** When the expected reason of a camera was reported; undefined: it was not yet. */
  noticedAt(camera: string): number | undefined {
    return this.#firstAt.get(`${camera} ${this.#expected.get(camera)}`)
  }
}

async function timeToNotice(
  simulated: readonly SimulatedCamera[],
  notices: Notices,
  isDaytime: boolean,
): Promise<void> {
  const seesPictures = durationMs >= learnMs && isDaytime
  if (!seesPictures) {
    process.stderr.write(
      `faults of pictures are left out: they need ${learnMs / 1000} s before (IOC_BENCH_SECONDS), and daylight (faketime)\n`,
    )
  }
  const chosen = faults.filter(([name]) => !pictureFaults.includes(name) || seesPictures)
  const camerasOf = (index: number) => Array.from({ length: perFault }, (_, n) => index * perFault + n)
  const began = performance.now()
  for (const [index, [, change, reason]] of chosen.entries()) {
    for (const n of camerasOf(index)) {
      notices.expect(`cam-${n}`, reason)
      Object.assign((simulated[n] as SimulatedCamera).state, change)
    }
  }
  for (const [index, [name]] of chosen.entries()) {
    const noticed = () => camerasOf(index).map((n) => notices.noticedAt(`cam-${n}`))
    const times = await until(
      `${name} is noticed`,
      async () => noticed(),
      (all) => !all.includes(undefined),
      noticeMs,
    )
    const seconds = times.map((at) => ((at ?? 0) - began) / 1000).toSorted((a, b) => a - b)
    const detail = { cameras: perFault }
    figure(`cameras.noticed_s.${name}.p50`, quantile(seconds, 0.5), 's', detail)
    figure(`cameras.noticed_s.${name}.p95`, quantile(seconds, 0.95), 's', detail)
  }
  figure('cameras.withdrawn', notices.withdrawn, 'reports', { cameras: chosen.length * perFault })
}
