import { readFileSync } from 'node:fs'
import type { SimulatedCamera, SimulatedCameraSettings } from '@ioc/simulator/onvif-camera/camera.ts'
import { startCamera } from '@ioc/simulator/onvif-camera/testing/camera.ts'
import { silent } from '@ioc/uplink/testing/silent.ts'
import { describe, expect, onTestFinished, test } from 'vitest'
import { eventOf } from '../events/topics.ts'
import { CameraWorker, defaultWorkerSettings } from '../health/camera-worker.ts'
import { OnvifClient } from '../onvif/client.ts'
import { defaultPullTimes } from '../onvif/pull-point.ts'
import { createBaseline } from '../picture/baseline.ts'
import { PictureWatch } from '../picture/picture-watch.ts'
import { vendorOf } from './table.ts'

const signal = new AbortController().signal
const account = { username: 'admin', password: 'bí mật' }
const reply = (name: string) => readFileSync(new URL(`replies/${name}.xml`, import.meta.url), 'utf8')

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10))
}

async function watch(settings: SimulatedCameraSettings = {}, renewMs = defaultPullTimes.renewMs) {
  const camera = await startCamera({ login: account, ...settings })
  const worker = new CameraWorker(
    { name: 'cam-01', type: 'camera', onvif: camera.deviceUrl },
    account,
    new PictureWatch(createBaseline(Date.now()), { fixed: true }),
    { ...defaultWorkerSettings, pull: { ...defaultPullTimes, renewMs, pullMs: 1_000, restMs: 1 } },
    { onRecord: () => undefined },
    silent,
  )
  onTestFinished(() => worker.stop())
  return { camera, check: async () => (await worker.check()).values, counted: () => worker.counted }
}

const lastReboot = (camera: SimulatedCamera, value: string) =>
  camera.emit({ topic: 'Monitoring/OperatingTime/LastReboot', operation: 'Changed', data: { Status: value } })

describe('the time of a camera', () => {
  const offsetOf = async (change: Partial<SimulatedCamera['state']>) => {
    const camera = await startCamera()
    Object.assign(camera.state, { clockOffsetMs: 600_000, ...change })
    const clock = await new OnvifClient(new URL(camera.deviceUrl), undefined).readClock(signal)
    return { source: clock?.source, offsetS: Math.round((clock?.offsetMs ?? Number.NaN) / 1_000) }
  }

  test.each([
    [
      'states no UTC, no zone and no namespaces',
      { replies: { GetSystemDateAndTime: { status: 200, body: reply('no-utc') } } },
      'http',
    ],
    ['states local time alone', { statedTime: 'local' }, 'http'],
    ['states local time and its zone', { statedTime: 'local_with_zone' }, 'onvif'],
    ['states UTC too', {}, 'onvif'],
  ] as const)('that %s is known', async (_, change, source) => {
    const { offsetS, ...known } = await offsetOf(change)
    expect(known).toEqual({ source })
    expect(Math.abs(offsetS - 600)).toBeLessThanOrEqual(2)
  })
})

describe('events of a vendor', () => {
  test.each([
    ['RuleEngine/LineCrossDetector/LineCross', 'IsLineCross', 'line_crossing'],
    ['RuleEngine/CellMotionDetector/LineCross', 'IsLineCross', 'line_crossing'],
    ['RuleEngine/IntrusionDetector/Intrusion', 'IsIntrusion', 'intrusion'],
    ['RuleEngine/PeopleDetector/People', 'IsPeople', 'motion'],
    ['RuleEngine/CellMotionDetector/TpSmartEvent', 'IsVehicle', 'motion'],
    ['RuleEngine/TPSmartEventDetector/TPSmartEvent', 'IsPet', 'motion'],
    ['RuleEngine/MyRuleDetector/VehicleDetect', 'State', 'motion'],
    ['RuleEngine/MyRuleDetector/TamperDetect', 'State', 'tamper'],
  ])('of the topic %s are counted', (topic, flag, kind) => {
    const notice = { topic, operation: 'Changed', source: {}, data: { [flag]: 'true' }, time: undefined } as const
    expect(eventOf(notice)).toMatchObject({ kind, on: true })
    expect(eventOf({ ...notice, data: { [flag]: 'false' } })).toMatchObject({ kind, on: false })
  })

  test('are read from the message of a Tapo', async () => {
    const { camera, check, counted } = await watch()
    camera.state.replies = { PullMessages: { status: 200, body: reply('tapo-line-cross') } }
    await until(async () => {
      await check()
      return counted()['line_crossing'] === 1
    })
  })

  test('with a time of year zero are no restart, and those that follow with another time are', async () => {
    const { camera, check } = await watch()
    camera.state.replies = { PullMessages: { status: 200, body: reply('hikvision-last-reset') } }
    await check()
    await until(() => camera.count('PullMessages') > 3)
    camera.state.replies = {}
    lastReboot(camera, '2026-11-03T06:00:00Z')
    lastReboot(camera, '0000-00-00T00:00:00Z')
    lastReboot(camera, '2026-11-03T06:00:00Z')
    await until(() => camera.subscriptions.waiting === 0)
    expect((await check())['reboots_total']).toBe(0)
    lastReboot(camera, '2026-11-03T07:00:00Z')
    await until(async () => (await check())['reboots_total'] === 1)
  })
})

test.each([
  ['a Reolink', reply('reolink-renew-fault')],
  ['other words', reply('reolink-renew-fault').replace('SOAP-ENV:Sender', 'ter:ResourceUnknownFault')],
])('a camera that refuses to renew its subscription as %s keeps being watched without a gap', async (_, body) => {
  const { camera, check, counted } = await watch({}, 50)
  camera.state.replies = { Renew: { status: 400, body } }
  camera.state.maxSubscriptions = 1_000
  await check()
  await until(() => camera.subscriptions.size > 0)
  for (let n = 1; n <= 5; n++) {
    const before = camera.count('CreatePullPointSubscription')
    await until(() => camera.count('CreatePullPointSubscription') > before)
    camera.emit({ topic: 'RuleEngine/LineDetector/Crossed', operation: 'Changed', data: { ObjectId: String(n) } })
    await until(async () => {
      const { events } = await check()
      expect(events).toBe('ok')
      return (counted()['line_crossing'] ?? 0) >= n
    })
  }
  expect(camera.count('Renew')).toBe(1)
})

test('a Bosch, which refuses the synchronization as if the password were wrong, is not asked for it', async () => {
  expect(vendorOf(' Bosch ')?.synchronizes).toBe(false)
  const { camera, check } = await watch({ identity: { manufacturer: 'Bosch' } })
  camera.state.unauthorized = ['SetSynchronizationPoint']
  await check()
  await until(() => camera.count('PullMessages') > 0)
  expect(await check()).toMatchObject({ state: 'online', login: 'ok', events: 'ok' })
  expect(camera.count('SetSynchronizationPoint')).toBe(0)
})
