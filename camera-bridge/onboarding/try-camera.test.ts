import { startCamera } from '@ioc/simulator/onvif-camera/testing/camera.ts'
import { expect, test } from 'vitest'
import { tryCamera } from './try-camera.ts'

const account = { username: 'admin', password: 'mật khẩu' }

test.each([
  ['is in order', {}],
  ['has a wrong clock', { clockOffsetMs: 600_000 }],
  ['does not record', { recording: 'idle' as const }],
])('a check of a camera that %s leaves no subscription', async (_, state) => {
  const camera = await startCamera({ login: account })
  Object.assign(camera.state, state)
  const trial = await tryCamera(
    { name: 'cam-01', type: 'camera', onvif: camera.deviceUrl },
    account,
    AbortSignal.timeout(30_000),
  )
  expect(trial.steps.login).toBe('ok')
  expect(camera.count('CreatePullPointSubscription')).toBe(0)
  expect(camera.subscriptions.size).toBe(0)
})
