import type { SimulatedCamera } from '@ioc/simulator/onvif-camera/camera.ts'
import { startCamera } from '@ioc/simulator/onvif-camera/testing/camera.ts'
import { describe, expect, test } from 'vitest'
import type { CameraEntry } from '../cameras/camera-file.ts'
import { testWorker } from '../testing/worker.ts'
import type { CameraWorker } from './camera-worker.ts'
import { explainHealth } from './diagnosis.ts'

const minute = 60_000
const account = { username: 'admin', password: 'mật khẩu' }
const login = { username: account.username, password: account.password }
/** Ten in the morning. */
const began = Date.parse('2026-11-03T10:00:00+07:00')
const pull = { subscriptionMs: 600_000, renewMs: 480_000, pullMs: 1_000, restMs: 1, restartMs: 20, maxRestartMs: 20 }

/** Looks at each turn of the event loop until the condition holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10))
}

/** A worker whose checks are made by the test, by default a minute apart on a clock of its own. */
function watch(
  camera: SimulatedCamera,
  clock: { now: number },
  change: Partial<CameraEntry> = {},
  password = account.password,
  everyMs = minute,
) {
  const settings = { pull, now: () => clock.now }
  const worker = testWorker({ onvif: camera.deviceUrl, ...change }, { ...account, password }, settings)
  const check = async (minutes = 1) => {
    let values: Record<string, unknown> = {}
    for (let n = 0; n < minutes; n++) {
      values = (await worker.check()).values
      clock.now += everyMs
    }
    return values
  }
  return { worker, check }
}

async function start(settings: Parameters<typeof startCamera>[0] = {}) {
  const clock = { now: began }
  const camera = await startCamera({ login, clock: () => clock.now, ...settings })
  return { camera, clock }
}

describe('health', () => {
  test('of a camera in order has each step in order', async () => {
    const { camera, clock } = await start()
    const { worker, check } = watch(camera, clock)
    await check()
    await until(() => camera.subscriptions.size === 1)
    const values = await check()
    expect(values).toMatchObject({
      state: 'online',
      reason: 'none',
      reachable: 'ok',
      clock: 'ok',
      login: 'ok',
      profiles: 'ok',
      snapshot: 'ok',
      picture: 'ok',
      stream: 'ok',
      storage: 'ok',
      recording: true,
    })
    await until(() => worker.findings.steps.events === 'ok' || camera.count('PullMessages') > 0)
    expect((await check())['events']).toBe('ok')
    expect(camera.login.attempts).toBe(0)
  })

  test.each([
    ['the stream is missing', { stream: 'missing' }, 'stream', 'no_stream', 6],
    ['nothing is recorded', { recording: 'idle' }, 'storage', 'not_recording', 6],
    ['the clock is ten minutes ahead', { clockOffsetMs: 10 * minute, ntp: false }, 'clock', 'clock_drift', 1],
    ['the clock is two minutes behind', { clockOffsetMs: -2 * minute, ntp: false }, 'clock', 'clock_drift', 1],
    ['the clock is behind with NTP on', { clockOffsetMs: -2 * minute }, 'clock', 'clock_unsynchronized', 1],
    ['local time is sent as UTC', { clockOffsetMs: 7 * 60 * minute }, 'clock', 'clock_zone', 1],
    ['the zone has the wrong sign', { clockOffsetMs: -7 * 60 * minute + 20_000 }, 'clock', 'clock_zone', 1],
  ] as const)('is degraded while %s, and in order afterwards', async (_, change, step, reason, minutes) => {
    const { camera, clock } = await start()
    const { check } = watch(camera, clock)
    expect(await check()).toMatchObject({ state: 'online' })
    Object.assign(camera.state, change)
    expect(await check(minutes)).toMatchObject({ state: 'degraded', [step]: 'failed', reason, login: 'ok' })
    Object.assign(camera.state, { stream: 'normal', recording: 'active', clockOffsetMs: 0, ntp: true })
    expect(await check(minutes)).toMatchObject({ state: 'online', [step]: 'ok', reason: 'none' })
    expect(camera.login.attempts).toBe(0)
  })

  test.each(['cut', 'huge', 'endless', 'entity_bomb', 'deep', 'not_xml'] as const)(
    'is offline after three answers of the kind %s, and online with the first good one',
    async (answer) => {
      const { camera, clock } = await start()
      const { check } = watch(camera, clock)
      await check()
      camera.state.answer = answer
      const reason = answer === 'cut' ? 'unreachable' : 'invalid_answer'
      expect(await check()).toMatchObject({ state: 'degraded', reachable: 'failed', reason, login: 'unknown' })
      expect(await check(2)).toMatchObject({ state: 'offline', reason, picture: 'unknown' })
      camera.state.answer = 'normal'
      expect(await check()).toMatchObject({ state: 'online', reachable: 'ok', login: 'ok' })
    },
  )

  test('of a camera with another password is degraded, and the account is not locked within hours', async () => {
    const { camera, clock } = await start()
    const { check } = watch(camera, clock, {}, 'wrong')
    for (let hour = 0; hour < 6; hour++) {
      expect(await check(60)).toMatchObject({ state: 'degraded', login: 'failed', reason: 'login_rejected' })
      expect(camera.login.isLocked(camera.now())).toBe(false)
      // Cameras count failures within some time.
      camera.login.failures = 0
    }
    expect(camera.login.attempts).toBeLessThanOrEqual(8)
  })

  test('notices a frozen picture with a running clock within six minutes, and that it moves again', async () => {
    const { camera, clock } = await start()
    const { worker, check } = watch(camera, clock)
    await check(20)
    camera.state.picture = 'frozen_clock_runs'
    expect(await check(6)).toMatchObject({
      state: 'degraded',
      picture: 'frozen_clock_runs',
      reason: 'frozen_clock_runs',
    })
    camera.state.picture = 'normal'
    expect(await check(3)).toMatchObject({ state: 'online', picture: 'ok' })
    expect(worker.pictures.figures.at(-1)?.floor).toBeGreaterThan(0)
  })

  test.each([30, 40, 50, 70])(
    'notices a frozen picture within six minutes where checks are %i s apart, as under load',
    async (seconds) => {
      const { camera, clock } = await start()
      const { check } = watch(camera, clock, {}, account.password, seconds * 1_000)
      await check(40)
      camera.state.picture = 'frozen'
      const fromMs = clock.now
      while ((await check())['picture'] === 'ok');
      expect(clock.now - fromMs).toBeLessThanOrEqual(6 * minute)
      // Pictures cost the camera more than other checks: while nothing looks wrong, each minute has one.
      camera.state.picture = 'normal'
      await check(3)
      const before = camera.count('snapshot')
      await check(12)
      expect(camera.count('snapshot') - before).toBeLessThanOrEqual(Math.ceil((12 * seconds) / 52) + 1)
    },
  )

  test('notices a frozen picture while others are missing, and reports it again at once after an outage', async () => {
    const { camera, clock } = await start()
    const { check } = watch(camera, clock)
    await check(15)
    camera.state.picture = 'frozen'
    await check(2)
    camera.state.replies = { snapshot: { status: 503, body: '' } }
    expect(await check()).toMatchObject({ snapshot: 'failed', reason: 'no_snapshot' })
    camera.state.replies = {}
    expect(await check(3)).toMatchObject({ picture: 'frozen', reason: 'frozen' })
    camera.state.answer = 'cut'
    expect(await check(8)).toMatchObject({ state: 'offline', picture: 'unknown' })
    camera.state.answer = 'normal'
    expect(await check()).toMatchObject({ state: 'degraded', picture: 'frozen', reason: 'frozen' })
    camera.state.picture = 'normal'
    expect(await check(3)).toMatchObject({ state: 'online', picture: 'ok' })
  })

  test('of a camera that is known by its stream alone follows from the stream', async () => {
    const { camera, clock } = await start({ login: { ...login, accepts: ['digest'] } })
    const plain = { stream: camera.streamUri, snapshot: `${camera.base}/snapshot.jpg` }
    const worker = testWorker(plain, account, { pull, now: () => clock.now })
    const check = async () => {
      clock.now += minute
      return (await worker.check()).values
    }
    expect(await check()).toMatchObject({ state: 'online', clock: 'unsupported', stream: 'ok', picture: 'ok' })
    camera.state.stream = 'missing'
    expect(await check()).toMatchObject({ state: 'degraded', stream: 'failed', reason: 'no_stream' })
    camera.state.stream = 'normal'
    expect(await check()).toMatchObject({ state: 'online' })
    await camera.stop()
    for (let n = 0; n < 2; n++) expect(await check()).toMatchObject({ state: 'degraded', reason: 'unreachable' })
    expect(await check()).toMatchObject({ state: 'offline', reason: 'unreachable' })
  })

  test('counts events, resubscribes after a restart, and counts nothing twice', async () => {
    const { camera, clock } = await start()
    const { check } = watch(camera, clock)
    await check()
    await until(() => camera.subscriptions.size === 1)
    const motion = (value: string, operation: 'Initialized' | 'Changed' = 'Changed') =>
      camera.emit({
        topic: 'RuleEngine/CellMotionDetector/Motion',
        operation,
        source: { Rule: 'a' },
        data: { IsMotion: value },
      })
    const pulled = async () => {
      const before = camera.count('PullMessages')
      await until(() => camera.count('PullMessages') > before)
    }
    motion('true', 'Initialized')
    motion('false')
    motion('true')
    motion('true')
    motion('false')
    camera.emit({
      topic: 'RuleEngine/LineDetector/Crossed',
      operation: 'Changed',
      source: { Rule: 'b' },
      data: { ObjectId: '7' },
    })
    await pulled()
    expect(await check()).toMatchObject({ events: 'ok', motions: 1, line_crossings: 1, tampers: 0 })
    camera.reboot()
    await until(() => camera.subscriptions.size === 1)
    motion('true', 'Initialized')
    motion('false')
    motion('true')
    await pulled()
    await check()
    expect(await check()).toMatchObject({ events: 'ok', state: 'online' })
    expect(camera.subscriptions.requested).toBeLessThanOrEqual(4)
  })
})

describe('time settings', () => {
  const clockOf = (worker: CameraWorker) => explainHealth(worker.diagnosis).find(([step]) => step === 'clock')?.[2]

  test.each([
    [
      'by NTP that does not work',
      { clockOffsetMs: 600_000 },
      /^\S+ s ahead; NTP is on; time server vn\.pool\.ntp\.org$/,
    ],
    ['by NTP without a server', { clockOffsetMs: 600_000, timeServers: [] }, /NTP is on; no time server is set$/],
    ['by NTP that it does not explain', { clockOffsetMs: 600_000, timeServers: undefined }, /; NTP is on$/],
    ['by hand', { clockOffsetMs: -600_000, ntp: false }, /^\S+ s behind; NTP is off: the clock is set by hand$/],
    ['by nobody knows whom', { clockOffsetMs: 600_000, statedTime: 'local' }, /^\S+ s ahead.*NTP is on/],
  ] as const)('of a camera whose clock is set %s explain that it is wrong', async (_, change, text) => {
    const { camera, clock } = await start()
    Object.assign(camera.state, change)
    const { worker, check } = watch(camera, clock)
    expect(await check()).toMatchObject({ clock: 'failed', clock_source: 'ntp' in change ? 'manual' : 'ntp' })
    expect(clockOf(worker)).toMatch(text)
  })

  test('are asked for once a clock that was right is not, and not while it is', async () => {
    const { camera, clock } = await start()
    const { worker, check } = watch(camera, clock)
    await check(3)
    expect(camera.count('GetNTP')).toBe(0)
    camera.state.clockOffsetMs = 600_000
    await check(3)
    expect(camera.count('GetNTP')).toBe(1)
    expect(clockOf(worker)).toMatch(/time server/)
  })

  test('with another zone are a warning where the clock is right, as the time in the picture is not', async () => {
    const { camera, clock } = await start()
    camera.state.zoneHours = 0
    const { worker, check } = watch(camera, clock)
    expect(await check()).toMatchObject({ state: 'online', clock: 'warning', reason: 'none' })
    expect(clockOf(worker)).toMatch(/its zone is UTC\+0, the place is at UTC\+7$/)
    camera.state.zoneHours = 7
    expect(await check()).toMatchObject({ clock: 'ok' })
  })
})

describe('another camera at the address', () => {
  const known = { serial: 'S-1', mac: '02:00:00:00:00:01' }

  test.each([
    ['after an outage', 1, 1],
    ['without one', 0, 10],
  ])('%s is reported, is not looked at, and is gone once the first one is back', async (_, outage, minutes) => {
    const { camera, clock } = await start({ identity: known })
    const { worker, check } = watch(camera, clock, known)
    expect(await check(2)).toMatchObject({ state: 'online', identity: 'ok' })
    await camera.stop()
    await check(outage)
    const port = Number(new URL(camera.base).port)
    const other = await startCamera({
      ...{ port, login, clock: () => clock.now },
      identity: { serial: 'S-2', mac: '02:00:00:00:00:02' },
    })
    expect(await check(minutes)).toMatchObject({
      ...{ state: 'degraded', reason: 'another_camera', reachable: 'ok', login: 'ok', identity: 'failed' },
      ...{ snapshot: 'unknown', stream: 'unknown', events: 'unknown' },
    })
    const before = other.count('snapshot')
    await check(5)
    expect(other.count('snapshot')).toBe(before)
    expect(worker.profile).toBeUndefined()
    await expect(worker.takePicture()).rejects.toMatchObject({ code: 'CAMERA_FAULT' })
    expect(explainHealth(worker.diagnosis).find(([step]) => step === 'identity')?.[2]).toBe(
      'answers: IOC Simulated, serial S-2, MAC 02:00:00:00:00:02; expected: serial S-1, MAC 02:00:00:00:00:01',
    )
    await other.stop()
    await camera.start()
    expect(await check(2)).toMatchObject({ state: 'online', identity: 'ok', snapshot: 'ok' })
  })
})

describe('an announcement', () => {
  test('that the camera leaves makes it offline with one check that it does not answer, for a minute', async () => {
    const { camera, clock } = await start()
    const { worker, check } = watch(camera, clock)
    await check()
    worker.announce('bye')
    expect((await worker.check()).values).toMatchObject({ state: 'online' })
    camera.state.answer = 'cut'
    expect((await worker.check()).values).toMatchObject({ state: 'offline', reason: 'unreachable' })
    camera.state.answer = 'normal'
    expect(await check(2)).toMatchObject({ state: 'online' })
    camera.state.answer = 'cut'
    expect(await check(2)).toMatchObject({ state: 'degraded' })
    expect(await check()).toMatchObject({ state: 'offline' })
  })

  test('is followed by one check, also where it is repeated', async () => {
    const { camera, clock } = await start()
    const { worker, check } = watch(camera, clock)
    await check()
    const before = camera.count('GetSystemDateAndTime')
    for (let n = 0; n < 100; n++) worker.announce('hello')
    await until(() => camera.count('GetSystemDateAndTime') === before + 1)
    for (let n = 0; n < 100; n++) worker.announce('hello')
    await check(2)
    expect(camera.count('GetSystemDateAndTime')).toBeLessThanOrEqual(before + 3)
  })
})

describe('addresses of services', () => {
  test.each([
    ['events and pictures', '/onvif-2'],
    ['a path with several levels', '/services/v3'],
    ['the root', ''],
  ])('are found again after they moved to %s', async (_, servicePath) => {
    const { camera, clock } = await start()
    const { worker, check } = watch(camera, clock)
    await check()
    await until(() => camera.subscriptions.size === 1)
    camera.state.servicePath = servicePath
    camera.reboot()
    const before = camera.count('CreatePullPointSubscription')
    expect(await check(3)).toMatchObject({ login: 'ok', profiles: 'ok', snapshot: 'ok', storage: 'ok' })
    await until(() => camera.subscriptions.size === 1)
    expect(camera.count('CreatePullPointSubscription')).toBeGreaterThan(before)
    await until(() => worker.findings.steps.events === 'ok' || camera.count('PullMessages') > 0)
  })
})
