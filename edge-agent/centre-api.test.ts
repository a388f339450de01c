import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { enrolledCentre } from './centre-api.ts'

test('an answer without end, whose length is not announced, is not read into memory', async () => {
  const server = createServer((request, response) => {
    const block = Buffer.alloc(16_384, 'x')
    const more = (): void => {
      while (!response.destroyed && response.write(block));
    }
    response.on('drain', more)
    request.resume()
    more()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const centre = enrolledCentre(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, undefined)
  await expect(centre.post('/', {})).rejects.toMatchObject({ code: 'CENTRE_UNREACHABLE' })
})
