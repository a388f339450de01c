import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AedesPublishPacket } from 'aedes'
import { ClassicLevel } from 'classic-level'
import { expect, test } from 'vitest'
import { BrokerPersistence } from './persistence.ts'
import { createReceivedMessages } from './received.ts'

test.each([
  ['before the first message is read', 0],
  ['between two messages', 1],
])('a stream of retained messages ends when the broker stops %s', async (_, read) => {
  const level = new ClassicLevel(mkdtempSync(join(tmpdir(), 'ioc-persistence-')))
  const persistence = new BrokerPersistence(level, { mayKeep: () => true, received: createReceivedMessages() })
  for (let n = 0; n < 5_000; n++) {
    const packet = { cmd: 'publish', topic: `t/${n}`, payload: Buffer.from('1'), qos: 1, retain: true, dup: false }
    await persistence.storeRetained(packet as unknown as AedesPublishPacket)
  }
  const stream = persistence.createRetainedStream('#')
  for (let n = 0; n < read; n++) await once(stream, 'readable').then(() => stream.read())
  await level.close()
  stream.resume()
  await once(stream, 'end')
  expect(stream.errored).toBeNull()
})
