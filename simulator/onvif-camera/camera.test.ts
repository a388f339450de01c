import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { hasPython, python } from '@ioc/runtime/testing/python.ts'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { SimulatedCamera } from './camera.ts'
import { scriptedDay, scriptedState } from './state.ts'
import { startCamera } from './testing/camera.ts'

/** Runs the client; emits an event once it has subscribed. */
async function learn(camera: SimulatedCamera, username: string, password: string): Promise<Record<string, unknown>> {
  const script = new URL('testing/independent_client.py', import.meta.url).pathname
  const child = spawn(python, [script, new URL(camera.base).port, username, password], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let last = ''
  for await (const line of createInterface({ input: child.stdout })) {
    last = line
    if (line !== 'subscribed') continue
    camera.emit({
      topic: 'RuleEngine/CellMotionDetector/Motion',
      operation: 'Changed',
      source: { VideoSourceConfigurationToken: 'source' },
      data: { IsMotion: 'true' },
    })
  }
  if (child.exitCode === null) await once(child, 'exit')
  return JSON.parse(last) as Record<string, unknown>
}

const presets = [
  { token: '1', name: 'Cổng', pan: 0.5, tilt: -0.25, zoom: 0 },
  { token: '2', name: 'Cổng', pan: -0.5, tilt: 0, zoom: 0.5 },
]

describe.skipIf(!hasPython('onvif'))('an independent client', () => {
  test('reads everything of a camera that takes tokens, with a clock ten minutes ahead', async () => {
    const camera = await startCamera({ presets, login: { password: 'mật khẩu', accepts: ['token', 'digest'] } })
    camera.state.clockOffsetMs = 600_000
    const learned = await learn(camera, 'admin', 'mật khẩu')
    expect(learned).toMatchObject({
      serial: '20260000000000000001',
      firmware: '5.10',
      mac: '02:00:00:00:00:01',
      profiles: ['main', 'sub'],
      stream: `${camera.streamUri}?profile=main&transport=tcp`,
      jpeg: true,
      presets: ['1', '2'],
      pan: 0.5,
      moves: 'IDLE',
      jobs: ['job'],
      topics: ['tns1:RuleEngine/CellMotionDetector/Motion'],
    })
    expect(Math.abs((learned['clock_offset_s'] as number) - 600)).toBeLessThanOrEqual(2)
    expect(camera.login.attempts).toBe(0)
  })
})

describe('simulated camera', () => {
  test('locks the account after five wrong logins, also for the right password', async () => {
    let now = Date.UTC(2026, 10, 1)
    const camera = await startCamera({
      clock: () => now,
      login: { password: 'right', accepts: ['basic'], lockMs: 60_000 },
    })
    const status = async (password: string) => {
      const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`
      return (await fetch(`${camera.base}/snapshot.jpg`, { headers: { authorization } })).status
    }
    expect(await status('right')).toBe(200)
    for (let attempt = 0; attempt < 5; attempt++) expect(await status('wrong')).toBe(401)
    expect(await status('right')).toBe(401)
    now += 61_000
    expect(await status('right')).toBe(200)
    expect(camera.login.attempts).toBe(6)
  })

  test('goes through its scripted day', () => {
    const at = (time: string) => scriptedState(scriptedDay, Date.parse(`2026-11-01T${time}:00+07:00`))
    expect(at('00:30').picture).toBe('normal')
    expect(at('01:10').picture).toBe('frozen')
    expect(at('10:10').clockOffsetMs).toBe(600_000)
    expect(at('16:10').answer).toBe('silent')
    expect(at('23:00')).toEqual(at('00:00'))
  })
})
