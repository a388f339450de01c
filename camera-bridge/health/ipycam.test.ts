import { freePort } from '@ioc/runtime/testing/free-port.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { describe, expect, test } from 'vitest'
import { fakeClock, hasFaketime, hasIpycam, startIpycam } from '../testing/ipycam.ts'
import { testWorker } from '../testing/worker.ts'

const signal = new AbortController().signal
/** ipycam compares texts of ASCII alone. */
const account = { username: 'viewer', password: 'secret' }

/** A worker of a camera that runs as a program of its own, with a clock that the test sets. */
async function start(login: typeof account | undefined, offsetS: number) {
  const clock = fakeClock(testFolder(), offsetS)
  const port = await freePort()
  await startIpycam({ port, env: clock.env, ...(login ? { account: login } : {}) })
  const onvif = `http://127.0.0.1:${port}/onvif/device_service`
  const worker = testWorker({ onvif }, login)
  return { clock, worker, check: async () => (await worker.check()).values }
}

describe.skipIf(!hasIpycam || !hasFaketime())('a camera of ipycam', () => {
  test.each([
    ['ten minutes ahead', undefined, 600, 'clock_unsynchronized'],
    ['ten minutes ahead, with a login for every operation', account, 600, 'clock_drift'],
    ['two hours and a half behind, with a login', account, -9_000, 'clock_drift'],
    ['seven hours ahead, with a login', account, 25_200, 'clock_zone'],
    ['a year behind, as without a battery', account, -31_536_000, 'clock_drift'],
  ] as const)('with a clock %s is watched, and in order once the clock is set', async (_, login, offsetS, reason) => {
    const { clock, worker, check } = await start(login, offsetS)
    let values = await check()
    // It has no picture until its own loop has drawn the first one.
    while (values['snapshot'] !== 'ok') values = await check()
    expect(values).toMatchObject({ reachable: 'ok', clock: 'failed', reason, login: 'ok', snapshot: 'ok' })
    expect(Math.abs((values['clock_offset_s'] as number) - offsetS)).toBeLessThanOrEqual(2)
    clock.set(0)
    // Signed with the old time, and then again with the new one.
    expect(await worker.client?.readInformation(signal)).toMatchObject({ manufacturer: 'PythonCam' })
    const after = await check()
    // Its zone is UTC. Where it answers nothing without a login, nothing is known of its zone.
    expect(after).toMatchObject({ clock: login ? 'ok' : 'warning', login: 'ok', snapshot: 'ok', picture: 'ok' })
    expect(Math.abs(after['clock_offset_s'] as number)).toBeLessThanOrEqual(2)
  })

  test('with another password is reported, and its clock is known all the same', async () => {
    const { worker } = await start(account, 600)
    const wrong = testWorker(worker.entry, { ...account, password: 'another' })
    expect((await wrong.check()).values).toMatchObject({ reachable: 'ok', clock: 'failed', login: 'failed' })
  })
})
