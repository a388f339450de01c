import type { PtzMove } from '@ioc/contract/messages/camera-link.ts'
import type { SimulatedCamera, SimulatedCameraSettings } from '@ioc/simulator/onvif-camera/camera.ts'
import { startCamera } from '@ioc/simulator/onvif-camera/testing/camera.ts'
import { silent } from '@ioc/uplink/testing/silent.ts'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { PtzSettings } from '../cameras/camera-file.ts'
import { OnvifClient } from '../onvif/client.ts'
import { CameraLease, leaseMs } from './lease.ts'
import { defaultPtzTimes, PtzController, type PtzTimes } from './ptz-controller.ts'

const presets = [
  { token: '1', name: 'Nhà', pan: 0, tilt: 0, zoom: 0 },
  { token: '2', name: 'Đông', pan: 0.5, tilt: 0, zoom: 0 },
  { token: '3', name: 'Nam', pan: -0.5, tilt: 0.2, zoom: 1 },
]

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

async function control(
  settings: PtzSettings = {},
  times: Partial<PtzTimes> = {},
  of: SimulatedCameraSettings = {},
): Promise<{ camera: SimulatedCamera; ptz: PtzController; seen: { returns: number }; pan: () => number }> {
  const camera = await startCamera({ presets, ...of })
  const client = new OnvifClient(new URL(camera.deviceUrl), undefined)
  const seen = { returns: 0 }
  const handlers = {
    onMove: () => undefined,
    onChange: () => undefined,
    onReturn: () => {
      seen.returns += 1
    },
  }
  const all = { ...defaultPtzTimes, pollMs: 5, ...times }
  const ptz = new PtzController(client, () => 'main', settings, all, handlers, silent)
  onTestFinished(() => ptz.stop())
  await ptz.refresh()
  return { camera, ptz, seen, pan: () => camera.head.position(camera.now()).pan }
}

describe('moves', () => {
  test.each([
    ['arrives at a preset', {}],
    ['waits while the camera turns', { turnMs: 60 }],
    ['waits for the position of a camera that never reports its moves', { turnMs: 60, reportsMoves: false }],
  ])('%s', async (_, of) => {
    const { ptz, pan } = await control({ north_deg: 10 }, {}, of)
    const report = await ptz.move('lan', 'operator', { kind: 'preset', token: '2' })
    expect(report).toMatchObject({ at: '2', moving: false, pan: 0.5, bearing_deg: 100 })
    expect(pan()).toBe(0.5)
    expect(report.presets.map(({ bearing_deg }) => bearing_deg)).toEqual([10, 100, 280])
  })

  test.each<[string, PtzSettings, string]>([
    ['the preset that is set up', { home: '3' }, 'GotoPreset'],
    ['its own home without one', {}, 'GotoHomePosition'],
  ])('go to %s', async (_, settings, operation) => {
    const { ptz, camera } = await control(settings)
    await ptz.move('lan', 'operator', { kind: 'preset', token: '2' })
    const before = camera.count(operation)
    await ptz.move('lan', 'operator', { kind: 'home' })
    expect(camera.count(operation)).toBe(before + 1)
  })

  test('that the camera refuses are refused, and the next one is not', async () => {
    const { ptz } = await control()
    await expect(ptz.move('lan', 'operator', { kind: 'preset', token: 'none' })).rejects.toThrow('NoToken')
    expect((await ptz.move('lan', 'operator', { kind: 'preset', token: '2' })).at).toBe('2')
  })

  test('stop at once on the way to a preset, and what waited between is not begun', async () => {
    const { ptz, camera, pan } = await control({}, {}, { turnMs: 60_000 })
    const first = ptz.move('lan', 'operator', { kind: 'preset', token: '2' })
    await until(() => camera.head.position(camera.now()).moving)
    const second = ptz.move('lan', 'operator', { kind: 'preset', token: '3' })
    const stop = ptz.move('leader', 'leader', { kind: 'stop' })
    await expect(second).rejects.toThrow('a later move replaced this one')
    expect((await first).at).toBeNull()
    expect((await stop).at).toBeNull()
    expect([camera.count('GotoPreset'), camera.count('Stop')]).toEqual([1, 1])
    expect(pan()).toBeLessThan(0.5)
  })

  test('report what the contract can hold, whatever the camera states', async () => {
    const long = { token: 'x'.repeat(65), name: 'Xa', pan: 0, tilt: 0, zoom: 0 }
    const wide = { token: '4', name: 'n'.repeat(500), pan: -0.999, tilt: 0, zoom: 0 }
    const { ptz } = await control({ north_deg: 179.7 }, {}, { presets: [long, wide] })
    expect(ptz.report.presets).toEqual([{ token: '4', name: 'n'.repeat(100), bearing_deg: 0 }])
  })

  test('end by themselves where the stop is lost', async () => {
    const { ptz, camera } = await control()
    await ptz.move('lan', 'operator', { kind: 'turn', pan: 1, tilt: 0, zoom: 0 })
    await until(() => !camera.head.position(camera.now()).moving)
    expect(camera.count('Stop')).toBe(0)
  })
})

describe('without a person', () => {
  test('the camera returns to its home once, after the usual time', async () => {
    const { ptz, camera, seen, pan } = await control({ home: '1' }, { homeMs: 50 })
    await ptz.move('lan', 'operator', { kind: 'preset', token: '2' })
    await ptz.move('lan', 'operator', { kind: 'release' })
    await until(() => seen.returns === 1)
    expect(pan()).toBe(0)
    expect(camera.count('GotoPreset')).toBe(2)
  })

  test('the camera stays while somebody has the lease', async () => {
    const { ptz, seen } = await control({ home: '1' }, { homeMs: 10 })
    await ptz.move('lan', 'operator', { kind: 'preset', token: '2' })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(seen.returns).toBe(0)
  })

  test('it turns through its tour, until a person moves it', async () => {
    const tour = [
      { preset: '2', dwell_s: 20 },
      { preset: '3', dwell_s: 20 },
    ]
    const { ptz, camera } = await control({ tour }, { homeMs: 10, dwellSecondMs: 1 })
    ptz.start()
    await until(() => camera.count('GotoPreset') >= 4)
    expect(ptz.report.tour).toEqual({ steps: 2, running: true })
    const stop: PtzMove = { kind: 'preset', token: '1' }
    await ptz.move('lan', 'operator', stop)
    const after = camera.count('GotoPreset')
    expect(ptz.report).toMatchObject({ at: '1', tour: { running: false }, lease: { holder: 'lan' } })
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(camera.count('GotoPreset')).toBe(after)
  })
})

describe('lease', () => {
  test('is of one person until a minute after the last move', () => {
    const lease = new CameraLease()
    expect(lease.acquire('lan', 'operator', 0)).toBeUndefined()
    expect(lease.acquire('minh', 'operator', leaseMs - 1)).toMatchObject({ holder: 'lan' })
    expect(lease.acquire('lan', 'operator', leaseMs - 1)).toBeUndefined()
    expect(lease.acquire('minh', 'operator', leaseMs)).toMatchObject({ holder: 'lan' })
    expect(lease.acquire('minh', 'operator', 2 * leaseMs - 1)).toBeUndefined()
  })

  test('is taken over by a higher priority, and not back', () => {
    const lease = new CameraLease()
    lease.acquire('lan', 'operator', 0)
    expect(lease.acquire('leader', 'leader', 1)).toBeUndefined()
    expect(lease.acquire('lan', 'operator', 2)).toMatchObject({ holder: 'leader' })
    lease.release('lan')
    expect(lease.current(3)).toMatchObject({ holder: 'leader' })
    lease.release('leader')
    expect(lease.acquire('lan', 'operator', 4)).toBeUndefined()
  })
})
