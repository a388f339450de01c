import { openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { hasProgram } from '@ioc/runtime/testing/has-program.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { expect, test } from 'vitest'
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
  const file = openSync(theirs, 'w')
  return { child, ours, send: (text: string) => writeSync(file, text) }
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
    expect(await collected(1)).toEqual([{ kg: 1, stable: true }])
    clearInterval(sending)
  },
)

test('a missing port fails with its name', async () => {
  const { collect } = await testCollector({ ...options, path: '/dev/ttyNONE' })
  await expect(collect()).rejects.toThrow('/dev/ttyNONE')
})
