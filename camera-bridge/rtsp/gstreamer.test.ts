import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, onTestFinished, test } from 'vitest'
import { testWorker } from '../testing/worker.ts'

/** GStreamer's bindings are those of the system. */
const python = '/usr/bin/python3'
const account = { username: 'admin', password: 'bi mat' }

function hasServer(): boolean {
  const probe = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
  if (spawnSync(python, ['-c', probe]).status === 0) return true
  if (process.env['IOC_REQUIRE_REAL'] === '1') throw new Error('no RTSP server of GStreamer: see .ci/run')
  console.warn('skipped: no RTSP server of GStreamer')
  return false
}

async function startServer(...login: string[]): Promise<string> {
  const script = join(import.meta.dirname, '../testing/gstreamer_stream.py')
  const child = spawn(python, [script, ...login], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  for await (const port of createInterface({ input: child.stdout })) return `rtsp://127.0.0.1:${port}`
  throw new Error('the server ended')
}

async function check(stream: string, login?: typeof account): Promise<Record<string, unknown>> {
  return (await testWorker({ stream }, login).check()).values
}

describe.skipIf(!hasServer())('the RTSP server of GStreamer', () => {
  test('is a camera in order by its stream alone, without and with a digest login', async () => {
    expect(await check(`${await startServer()}/live`)).toMatchObject({ state: 'online', stream: 'ok' })
    const closed = await startServer(account.username, account.password)
    expect(await check(`${closed}/live`, account)).toMatchObject({ state: 'online', stream: 'ok', login: 'ok' })
  })

  test('is degraded with another password, without one, at another path, and without video', async () => {
    const closed = await startServer(account.username, account.password)
    const rejected = { state: 'degraded', reason: 'login_rejected', login: 'failed' }
    expect(await check(`${closed}/live`, { ...account, password: 'khac' })).toMatchObject(rejected)
    expect(await check(`${closed}/live`)).toMatchObject(rejected)
    const open = await startServer()
    expect(await check(`${open}/other`)).toMatchObject({ state: 'degraded', reason: 'no_stream' })
    expect(await check(`${open}/sound`)).toMatchObject({ state: 'degraded', stream: 'failed', reason: 'no_stream' })
  })
})
