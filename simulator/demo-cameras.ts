import type { Site } from '@ioc/contract/district/sites.ts'
import { cameraHealth } from './camera-health.ts'
import { eventAt } from './events.ts'
import { minuteMs } from './local-time.ts'
import type { World } from './model.ts'
import { keyOf, uniform } from './noise.ts'
import { SimulatedCamera } from './onvif-camera/camera.ts'
import type { Preset } from './onvif-camera/operations.ts'
import { healthyState, type ScriptStep, scriptedState } from './onvif-camera/state.ts'

/** A simulated camera of a site, and where it is reached. */
export interface DemoCamera {
  readonly site: string
  /** Name of its device, which the model of its site has had in the past. */
  readonly device: string
  readonly type: 'camera' | 'high_camera'
  readonly title: string
  readonly onvif: string
  readonly lat?: number
  readonly lon?: number
}

export interface DemoCameras {
  readonly list: readonly DemoCamera[]
  stop(): Promise<void>
}

/** Cameras on poles, in all: the first poles have one more than the others. */
const poleCameras = 40
/** Small pictures: 47 cameras are encoded and decoded on one machine. */
const scene = { width: 320, height: 180 } as const
/** How often the state of all cameras follows the district, in ms. */
const followMs = 5_000
const turnMs = 3_000

/** Names of the eight presets of a high camera, clockwise. */
const views = ['Bắc', 'Đông bắc', 'Đông', 'Đông nam', 'Nam', 'Tây nam', 'Tây', 'Tây bắc'] as const
const presets: readonly Preset[] = views.map((name, index) => ({
  token: String(index + 1),
  name: `Hướng ${name.toLowerCase()}`,
  pan: (index <= views.length / 2 ? index : index - views.length) / (views.length / 2),
  tilt: -0.1,
  zoom: 0.2,
}))

/** What happens on each day, to the first camera of a pole. */
const faults: readonly (readonly ScriptStep[])[] = [
  [
    { at: '08:00', set: { answer: 'cut' } },
    { at: '10:00', set: { answer: 'normal' } },
  ],
  [
    { at: '09:30', set: { picture: 'frozen' } },
    { at: '11:30', set: { picture: 'normal' } },
  ],
  [
    { at: '14:00', set: { picture: 'covered' } },
    { at: '16:00', set: { picture: 'normal' } },
  ],
  [
    { at: '09:00', set: { clockOffsetMs: 600_000 } },
    { at: '15:00', set: { clockOffsetMs: 0 } },
  ],
]
/** What happens on each day to all cameras of the pole after those: its switch fails. */
const switchFault: readonly ScriptStep[] = [
  { at: '09:30', set: { answer: 'cut' } },
  { at: '10:30', set: { answer: 'normal' } },
]

/** The cameras of the demonstration: 40 on the poles, and the high ones. They follow the same events as all simulated devices. */
export async function startDemoCameras(sites: readonly Site[], world: World): Promise<DemoCameras> {
  const poles = sites.filter(({ kind }) => kind === 'camera_pole')
  const planned = [
    ...poles.flatMap((site, index) => camerasOf(site, index, poles.length)),
    ...sites.filter(({ kind }) => kind === 'high_camera').map((site) => ({ site, number: 1, faults: undefined })),
  ]
  const running = await Promise.all(
    planned.map(async ({ site, number, faults: script }, index) => {
      const isHigh = site.kind === 'high_camera'
      const camera = new SimulatedCamera({
        scene: { ...scene, seed: index + 1 },
        identity: {
          name: site.name ?? site.site,
          model: isHigh ? 'PTZ' : 'Fixed',
          serial: `SIM${String(index + 1).padStart(8, '0')}`,
          mac: `02:00:00:00:01:${(index + 1).toString(16).padStart(2, '0')}`,
        },
        ...(isHigh ? { presets, turnMs } : {}),
      })
      await camera.start()
      return { camera, site, number, script }
    }),
  )
  const follow = () => {
    const now = Date.now()
    for (const { camera, site, number, script } of running) followWorld(camera, site, number, script, world, now)
  }
  follow()
  const timer = setInterval(follow, followMs)
  return {
    list: running.map(({ camera, site, number }) => describe(camera, site, number)),
    async stop() {
      clearInterval(timer)
      await Promise.all(running.map(({ camera }) => camera.stop()))
    },
  }
}

function camerasOf(site: Site, index: number, poles: number) {
  const count = Math.floor(poleCameras / poles) + Number(index < poleCameras % poles)
  return Array.from({ length: count }, (_, at) => ({
    site,
    number: at + 1,
    faults: index === faults.length + 1 ? switchFault : at === 0 ? faults[index - 1] : undefined,
  }))
}

function describe({ deviceUrl: onvif }: SimulatedCamera, site: Site, number: number): DemoCamera {
  const isHigh = site.kind === 'high_camera'
  const name = site.name ?? site.site
  return {
    site: site.site,
    device: isHigh ? 'high-camera' : number === 1 ? 'camera' : `camera-${number}`,
    type: isHigh ? 'high_camera' : 'camera',
    title: isHigh ? name : `Camera ${number} – ${name}`,
    onvif,
    ...(site.lat === undefined ? {} : { lat: site.lat }),
    ...(site.lon === undefined ? {} : { lon: site.lon }),
  }
}

function followWorld(
  camera: SimulatedCamera,
  site: Site,
  number: number,
  script: readonly ScriptStep[] | undefined,
  world: World,
  now: number,
): void {
  const { state, recording } = cameraHealth(site, world, now)
  const scripted = script ? scriptedState(script, now) : healthyState
  Object.assign(camera.state, scripted, {
    ...(state === 'offline' ? { answer: 'cut' } : {}),
    ...(state === 'degraded' && number === 1 ? { stream: 'missing' } : {}),
    recording: recording ? scripted.recording : 'idle',
  })
  const key = keyOf(world.seed, 'camera-events', site.site)
  const step = Math.floor(now / followMs)
  const happens = (share: number, what: number) => uniform(key, 10 * step + number + 100_000 * what) < share
  const perStep = followMs / minuteMs
  if (happens(0.5 * perStep, 1)) emit(camera, 'RuleEngine/CellMotionDetector/Motion', 'IsMotion')
  if (site.kind !== 'high_camera') return
  const isBurning = eventAt(world, 'forest_fire_week', site, now) !== undefined
  if (happens(isBurning ? 0.02 * perStep : 0, 2)) emit(camera, 'RuleEngine/FireAlarm/SmokeDetection', 'State')
}

/** It begins, and is over at once. */
function emit(camera: SimulatedCamera, topic: string, flag: string): void {
  for (const value of ['true', 'false']) {
    camera.emit({ topic, operation: 'Changed', source: { Source: 'sensor' }, data: { [flag]: value } })
  }
}
