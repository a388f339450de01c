import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { maxConfigBytes } from '@ioc/contract/messages/node-config.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type DesiredConfig, DesiredConfigs } from './config-store.ts'

const address = { site: 'ka-do', node: 'tram-01' }
let folder: string
let desired: DesiredConfigs
const add = (config: DesiredConfig) => desired.add(address, { at: 1, by: 'lan', config })

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ioc-desired-'))
  desired = new DesiredConfigs(folder)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('an earlier revision is restored with the version that a roll-out wants now', () => {
  add({ cadence_s: 5, update: { version: '0.1.0' } })
  add({ cadence_s: 6, update: { version: '0.2.0', rollout: '0.2.0-1' } })
  expect(desired.restored(address, 1)).toEqual({ cadence_s: 5, update: { version: '0.2.0', rollout: '0.2.0-1' } })
  add({ cadence_s: 7 })
  expect(desired.restored(address, 1)).toEqual({ cadence_s: 5 })
})

test('a configuration that is too long for a packet is refused, and not stored', () => {
  const credentials = { n1: { password: 'x'.repeat(maxConfigBytes) } }
  expect(() => add({ flows: { nodes: [], credentials } })).toThrow(/bytes; expected at most 786432/)
  expect(desired.latest(address)).toBeUndefined()
})
