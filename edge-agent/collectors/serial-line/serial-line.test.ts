import { constants, openSync, renameSync, symlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { hasProgram } from '@ioc/runtime/testing/has-program.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { expect, onTestFinished, test } from 'vitest'
import { testCollector } from '../../testing/context.ts'
import { appears, startPeer, stopPeer } from '../../testing/peers.ts'

const map = {
  device: 'scale',
  values: { kg: { from: 'kg', scale: 1 }, stable: { from: 's', enum: { ST: true, US: false } } },
}
const options = { type: 'serial-line', format: 'pattern', pattern: '^(?<s>ST|US),GS,\\s*(?<kg>-?[\\d.]+)kg', map }

async function startLine(folder: string) {
  const [ours, theirs] = [join(folder, 'ours'), join(folder, 'theirs')]
  const child = startPeer('/usr/bin/socat', [`pty,raw,echo=0,link=${ours}`, `pty,raw,echo=0,link=${theirs}`])
  await Promise.all([appears(ours), appears(theirs)])
  // What nobody reads must not block this process.
  const file = openSync(theirs, constants.O_WRONLY | constants.O_NONBLOCK)
  const send = (text: string): void => {
    try {
      writeSync(file, text)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
  return { child, ours, send }
}

test.skipIf(!hasProgram('/usr/bin/socat', 'socat'))(
  'lines of a scale are read, also after it was unplugged',
  async () => {
    const folder = testFolder()
    let line = await startLine(folder)
    const { collect } = await testCollector({ ...options, path: line.ours })
    const collected = async (count: number) => {
      const values: unknown[] = []
      while (values.length < count) {
        const { measurements = [] } = await collect().catch(() => ({ measurements: [] }))
        values.push(...measurements.map((record) => record.values))
        await new Promise(setImmediate)
      }
      return values
    }
    await collect()
    // The first part is of a line that began before, the last one not yet whole.
    line.send('9.9kg\r\nST,GS,  12.50kg\r\nnoise\r\nUS,GS,-0.5kg\r\nST,GS,')
    expect(await collected(2)).toEqual([
      { kg: 12.5, stable: true },
      { kg: -0.5, stable: false },
    ])
    line.send('7kg\n')
    expect(await collected(1)).toEqual([{ kg: 7, stable: true }])
    await stopPeer(line.child)
    line = await startLine(folder)
    // Until the port is open again, what the scale sends is lost.
    const sending = setInterval(() => line.send('\nST,GS,1kg\n'), 20)
    onTestFinished(() => clearInterval(sending))
    const [again] = await collected(1)
    expect(again).toEqual({ kg: 1, stable: true })
  },
)

test.skipIf(!hasProgram('/usr/bin/socat', 'socat'))(
  'a device that took the place of another is read, also where the end of the old one is not reported',
  async () => {
    const folder = testFolder()
    const [old, other] = await Promise.all([startLine(testFolder()), startLine(testFolder())])
    const path = join(folder, 'port')
    symlinkSync(old.ours, path)
    const { collect } = await testCollector({ ...options, path })
    await collect()
    symlinkSync(other.ours, `${path}.new`)
    renameSync(`${path}.new`, path)
    const sending = setInterval(() => other.send('\nST,GS,2kg\n'), 20)
    onTestFinished(() => clearInterval(sending))
    let measured: unknown
    while (measured === undefined) {
      measured = (await collect()).measurements?.[0]?.values
      await new Promise(setImmediate)
    }
    expect(measured).toEqual({ kg: 2, stable: true })
  },
)

test('a missing port fails with its name', async () => {
  const { collect } = await testCollector({ ...options, path: '/dev/ttyNONE' })
  await expect(collect()).rejects.toThrow('/dev/ttyNONE')
})
