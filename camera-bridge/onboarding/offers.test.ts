import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startCamera } from '@ioc/simulator/onvif-camera/testing/camera.ts'
import { expect, onTestFinished, test } from 'vitest'
import { Offers } from './offers.ts'

const camera = (onvif: string, n = 0) => ({ reference: `0000-${n}`, onvif, name: `Camera ${n}`, hardware: undefined })

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10))
}

test('a camera that announces itself is offered once it answers, without a login, for a day', async () => {
  const clock = { now: 0 }
  let changes = 0
  const offers = new Offers(
    () => {
      changes += 1
    },
    () => clock.now,
  )
  onTestFinished(() => offers.stop())
  const real = await startCamera({ login: { password: 'secret' } })
  for (let n = 0; n < 3; n++) offers.note(camera(real.deviceUrl))
  await until(() => offers.list().length === 1)
  expect(real.login.attempts).toBe(0)
  expect(real.count('GetSystemDateAndTime')).toBe(1)
  offers.note(camera(real.deviceUrl))
  await until(() => real.count('GetSystemDateAndTime') === 2)
  expect(changes).toBe(1)
  clock.now += 86_400_001
  await until(() => offers.list().length === 0)
})

test('forged announcements are not offered, and cost a few requests', async () => {
  let requests = 0
  const server = createServer((_, response) => {
    requests += 1
    response.writeHead(404).end('<html></html>')
  })
  server.listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  await until(() => server.listening)
  const offers = new Offers(() => undefined)
  onTestFinished(() => offers.stop())
  for (let n = 0; n < 1_000; n++) offers.note(camera(url(), n))
  const real = await startCamera()
  while (offers.list().length === 0) {
    offers.note(camera(real.deviceUrl, 1_000))
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  expect(offers.list().map(({ onvif }) => onvif)).toEqual([real.deviceUrl])
  expect(requests).toBeLessThanOrEqual(20)
})
