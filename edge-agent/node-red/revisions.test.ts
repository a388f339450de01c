import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLogger } from '@ioc/runtime/logger.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { expect, onTestFinished, test } from 'vitest'
import { NodeRed } from './node-red.ts'
import { Revisions } from './revisions.ts'

const flows = { nodes: [{ id: 'tab', type: 'tab' }] }

test.each(['{}', 'null', '[null]', '[{"id":"a","type":"exec"}]', '{"nodes":[]}'])(
  'flows of the editor that are %s are not staged',
  (text) => {
    const folder = testFolder()
    writeFileSync(join(folder, 'flows.json'), text)
    expect(() => new Revisions(folder, 'secret').stageEdited(folder)).toThrow(
      expect.objectContaining({ code: 'FLOWS_INVALID' }),
    )
  },
)

test('an agent whose disk does not take the files of Node-RED starts, and reports it', async () => {
  const folder = testFolder()
  const revisions = new Revisions(folder, 'secret')
  revisions.save({ current: revisions.stage(flows, 'centre') })
  // In the place of a file that is written at each start.
  mkdirSync(join(folder, 'user', 'flows.json'), { recursive: true })
  const nodeRed = new NodeRed(
    {
      ...{ isEnabled: true, folder, file: join(folder, 'none.json'), secret: 'secret', readable: [] },
      ...{ limits: { maxMb: 500, maxMemoryMs: 60_000, maxHangMs: 15_000 }, probeMs: 1_000, host: '127.0.0.1', port: 0 },
    },
    { put: () => undefined, putCases: () => undefined, isQueued: () => false },
    () => undefined,
    createLogger('test', { logLevel: 'silent' }),
  )
  onTestFinished(() => nodeRed.stop())
  nodeRed.start()
  expect(nodeRed.report()).toMatchObject({ state: 'starting', reason: expect.stringMatching(/EISDIR|ENOTEMPTY/) })
})
