import type { LoginKind } from '@ioc/simulator/onvif-camera/login-guard.ts'
import { startCamera } from '@ioc/simulator/onvif-camera/testing/camera.ts'
import { Cam } from 'onvif'
import { describe, expect, onTestFinished, test } from 'vitest'
import { OnvifClient } from './client.ts'

const forever = new AbortController().signal
const password = 'mật khẩu <&>'
const username = 'người xem'
const account = { username, password }
const hour = 3_600_000

const ways: readonly { readonly name: string; readonly accepts: readonly LoginKind[]; readonly closed?: boolean }[] = [
  { name: 'tokens', accepts: ['token'] },
  { name: 'digests', accepts: ['digest'] },
  { name: 'SHA-256 digests beside MD5', accepts: ['digest', 'digest_sha256'] },
  { name: 'tokens and digests', accepts: ['token', 'digest'] },
  { name: 'tokens for every operation', accepts: ['token'], closed: true },
  { name: 'digests for every operation', accepts: ['digest'], closed: true },
]

describe('client', () => {
  test.each(ways)(
    'logs in to a camera with a clock ten minutes ahead that takes $name',
    async ({ accepts, closed }) => {
      const camera = await startCamera({ login: { username, password, accepts }, closed: closed === true })
      camera.state.clockOffsetMs = 600_000
      const client = new OnvifClient(new URL(camera.deviceUrl), account)
      const clock = await client.readClock(forever)
      expect(clock?.source).toBe(closed ? 'http' : 'onvif')
      expect(Math.abs((clock?.offsetMs ?? 0) - 600_000)).toBeLessThan(2_000)
      expect(await client.readInformation(forever)).toMatchObject({ serial: '20260000000000000001', firmware: '5.10' })
      expect(await client.readAddresses(forever)).toEqual(['02:00:00:00:00:01'])
      expect(camera.login.attempts).toBe(0)
    },
  )

  test('signs with the new time of a camera whose clock is set between two requests', async () => {
    const camera = await startCamera({ login: { username, password, accepts: ['token'] } })
    const client = new OnvifClient(new URL(camera.deviceUrl), account)
    await client.readClock(forever)
    await client.readInformation(forever)
    for (const offset of [7 * hour, -hour, 0]) {
      camera.state.clockOffsetMs = offset
      await client.readInformation(forever)
    }
    expect((await client.readClock(forever))?.offsetMs).toBeLessThan(2_000)
  })

  test('takes the new nonce of a camera that was replaced while two requests were on their way', async () => {
    const login = { username, password, accepts: ['digest'] as const }
    const first = await startCamera({ login })
    const client = new OnvifClient(new URL(first.deviceUrl), account)
    const both = () => Promise.all([client.readInformation(forever), client.readAddresses(forever)])
    await both()
    await both()
    const port = Number(new URL(first.base).port)
    await first.stop()
    const second = await startCamera({ login, port })
    expect(await both()).toHaveLength(2)
    // Each of the two was refused once with the old nonce.
    expect(second.login.attempts).toBe(2)
  })

  test.each(ways)('sends no more than four wrong passwords in two hours to a camera that takes $name', async (way) => {
    let now = Date.now()
    const login = { username, password: 'another one', accepts: way.accepts, maxFailures: 5 }
    const camera = await startCamera({ clock: () => now, closed: way.closed === true, login })
    const client = new OnvifClient(new URL(camera.deviceUrl), account, () => now)
    for (let minute = 0; minute < 120; minute++) {
      await client.readClock(forever)
      await expect(client.readInformation(forever)).rejects.toMatchObject({ code: 'CAMERA_UNAUTHORIZED' })
      now += 60_000
    }
    expect(camera.login.attempts).toBeLessThanOrEqual(4)
    expect(camera.login.isLocked(now)).toBe(false)
  })

  test('reads what the package onvif reads of the same camera', async () => {
    const presets = [
      { token: 'gate', name: 'Cổng', pan: 0.5, tilt: 0, zoom: 0 },
      { token: 'road', name: 'Đường', pan: -0.5, tilt: 0, zoom: 0 },
    ]
    const camera = await startCamera({ presets, login: { username: 'admin', password: 'secret' } })
    const client = new OnvifClient(new URL(camera.deviceUrl), { username: 'admin', password: 'secret' })
    const { hostname, port } = new URL(camera.base)
    const peer = await new Promise<Cam>((resolve, reject) => {
      const cam: Cam = new Cam({ hostname, port: Number(port), username: 'admin', password: 'secret' }, (error) =>
        error ? reject(error) : resolve(cam),
      )
    })
    onTestFinished(() => void peer.removeAllListeners())
    const streamUri = await new Promise<string>((resolve, reject) =>
      peer.getStreamUri({ protocol: 'RTSP', profileToken: 'sub' }, (error, stream) =>
        error ? reject(error) : resolve(stream?.uri ?? ''),
      ),
    )
    await new Promise<void>((resolve, reject) =>
      peer.getPresets({ profileToken: 'main' }, (error) => (error ? reject(error) : resolve())),
    )
    expect((await client.readStreamUri('sub', forever)).href).toBe(streamUri)
    expect((await client.readPresets('main', forever)).map(({ name }) => name)).toEqual(
      Object.keys(peer.presets as object).map((token) => presets.find((one) => one.token === token)?.name),
    )
    expect((await client.readProfiles(forever)).map(({ token }) => token)).toEqual(['main', 'sub'])
  })

  test.each(['huge', 'endless', 'entity_bomb', 'deep', 'not_xml', 'cut'] as const)(
    'ends a request whose answer is of the kind %s, and goes on afterwards',
    async (answer) => {
      const camera = await startCamera()
      const client = new OnvifClient(new URL(camera.deviceUrl), undefined)
      await client.readInformation(forever)
      camera.state.answer = answer
      const before = process.memoryUsage.rss()
      const code = answer === 'cut' ? 'CAMERA_UNREACHABLE' : 'CAMERA_ANSWER_INVALID'
      await expect(client.readInformation(forever)).rejects.toMatchObject({ code })
      await expect(client.readClock(forever)).rejects.toMatchObject({ code })
      expect(process.memoryUsage.rss() - before).toBeLessThan(60e6)
      camera.state.answer = 'normal'
      expect(await client.readInformation(forever)).toMatchObject({ model: 'Simulated' })
    },
  )

  test('ends a request without an answer by its signal', async () => {
    const camera = await startCamera()
    camera.state.answer = 'silent'
    const client = new OnvifClient(new URL(camera.deviceUrl), undefined)
    await expect(client.readInformation(AbortSignal.timeout(50))).rejects.toMatchObject({ code: 'CAMERA_UNREACHABLE' })
  })
})
