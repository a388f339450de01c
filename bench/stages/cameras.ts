import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CameraFile } from '@ioc/camera-bridge/cameras/camera-file.ts'
import { parseTelemetry } from '@ioc/contract/messages/telemetry.ts'
import { SimulatedCamera } from '@ioc/simulator/onvif-camera/camera.ts'
import type { CameraState } from '@ioc/simulator/onvif-camera/state.ts'
import { startCentre, until } from '@ioc/tests/harness/centre.ts'
import mqtt from 'mqtt'
import { figure, quantile } from '../figure.ts'
import { cpuSeconds, peakMb, residentMb } from '../process-figures.ts'

const durationMs = Number(process.env['IOC_BENCH_SECONDS'] ?? 660) * 1000
const count = 200
/** Cameras of each kind of fault. The others stay in order. */
const perFault = 8
const login = { username: 'admin', password: 'bench' }
/** Longest time in which each fault must have been noticed, in ms. */
const noticeMs = 1_800_000
/** Faults of pictures are only found once ten pictures are known, and the noise of ten pairs. */
const learnMs = 11 * 60_000

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
  const simulated = await startCameras(folder)
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
    },
    stdio: 'inherit',
  })
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${centre.mqttPort}`, centre.credential('centre'))
  try {
    const reasons = new Map<string, { readonly reason: string; readonly at: number }>()
    client.on('message', (_topic, payload) => {
      const parsed = parseTelemetry(payload)
      if (parsed.kind !== 'envelope') return
      for (const { device, values } of parsed.message.records) {
        const reason = String(values['reason'])
        if (reasons.get(device)?.reason !== reason) reasons.set(device, { reason, at: performance.now() })
      }
    })
    await client.subscribeAsync('ioc/v1/bench/bridge/telemetry', { qos: 1 })
    const allOnline = () => [...reasons.values()].filter(({ reason }) => reason === 'none').length === count
    await until('all cameras are online', async () => allOnline(), Boolean, noticeMs)
    const pid = bridge.pid ?? 0
    const [cpu, requests] = [cpuSeconds(pid), requestsOf(simulated)]
    await sleep(durationMs)
    const seconds = durationMs / 1000
    const detail = { cameras: count, seconds, picture: '640 x 360' }
    figure('cameras.cpu_percent', ((cpuSeconds(pid) - cpu) / seconds) * 100, '% of a core', detail)
    figure('cameras.rss_mb', residentMb(pid), 'MB', detail)
    figure('cameras.rss_peak_mb', peakMb(pid), 'MB', detail)
    figure(
      'cameras.requests_per_camera_minute',
      (requestsOf(simulated) - requests) / count / (seconds / 60),
      '1/min',
      detail,
    )
    await timeToNotice(simulated, reasons)
  } finally {
    await client.endAsync(true)
    bridge.kill('SIGTERM')
    await Promise.all(simulated.map((camera) => camera.stop()))
    await centre.stop()
    rmSync(centre.dataDir, { recursive: true, force: true })
  }
}

async function startCameras(folder: string): Promise<SimulatedCamera[]> {
  const simulated = Array.from(
    { length: count },
    (_, n) => new SimulatedCamera({ login, identity: { serial: `bench-${n}` }, scene: { seed: n + 1 } }),
  )
  await Promise.all(simulated.map((camera) => camera.start()))
  for (const camera of simulated) camera.state.light = 1
  new CameraFile(folder).addAll(
    simulated.map((camera, n) => ({ name: `cam-${n}`, type: 'camera', onvif: camera.deviceUrl, ...login })),
  )
  return simulated
}

function requestsOf(simulated: readonly SimulatedCamera[]): number {
  return simulated.reduce((all, { requests }) => all + [...requests.values()].reduce((sum, one) => sum + one, 0), 0)
}

async function timeToNotice(
  simulated: readonly SimulatedCamera[],
  reasons: ReadonlyMap<string, { readonly reason: string; readonly at: number }>,
): Promise<void> {
  const chosen = faults.filter(([name]) => !pictureFaults.includes(name) || durationMs >= learnMs)
  const began = performance.now()
  for (const [index, [, change]] of chosen.entries()) {
    for (const camera of simulated.slice(index * perFault, (index + 1) * perFault)) Object.assign(camera.state, change)
  }
  for (const [index, [name, , reason]] of chosen.entries()) {
    const names = Array.from({ length: perFault }, (_, n) => `cam-${index * perFault + n}`)
    const noticed = () => names.every((one) => reasons.get(one)?.reason === reason)
    await until(`${name} is noticed`, async () => noticed(), Boolean, noticeMs)
    const seconds = names.map((one) => ((reasons.get(one)?.at ?? 0) - began) / 1000).toSorted((a, b) => a - b)
    const detail = { cameras: perFault }
    figure(`cameras.noticed_s.${name}.p50`, quantile(seconds, 0.5), 's', detail)
    figure(`cameras.noticed_s.${name}.p95`, quantile(seconds, 0.95), 's', detail)
  }
}
