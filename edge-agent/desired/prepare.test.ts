import { generateKeyPairSync, sign } from 'node:crypto'
import { createSealKey, openSealed } from '@ioc/runtime/sealed.ts'
import { describe, expect, test } from 'vitest'
import { checkedKey, sealSecrets, validateDesired } from './prepare.ts'
import { configYaml, readConfigYaml, withCollector } from './yaml.ts'

const address = { site: 'ka-do', node: 'tram-01' }
const database = { type: 'sql-view', engine: 'postgres', host: 'h', database: 'd', user: 'u', password: 'bi-mat' }

describe('the key of a node', () => {
  const machine = generateKeyPairSync('ed25519')
  const machineKey = machine.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  const { public: key } = createSealKey()
  const signature = sign(null, Buffer.from(key), machine.privateKey).toString('base64url')

  test('is signed by the machine that was enrolled, where the centre knows it', () => {
    expect(checkedKey(address, { public: key, signature }, machineKey)).toEqual({ public: key, signature })
    expect(checkedKey(address, { public: key }, undefined)).toEqual({ public: key })
    expect(checkedKey(address, undefined, machineKey)).toBeUndefined()
  })

  test.each([
    ['without a signature', { public: key }],
    ['with a signature of another key', { public: createSealKey().public, signature }],
    ['with a signature that is none', { public: key, signature: 'x' }],
  ])('%s is refused', (_, announced) => {
    expect(() => checkedKey(address, announced, machineKey)).toThrow(/not signed by the machine/)
  })
})

test('secrets are sealed, each to the node, and a sealed one stays as it is', () => {
  const key = createSealKey()
  const announced = { public: key.public, form: 2 }
  const sealed = sealSecrets({ agent: { collectors: [database] } }, address, announced)
  const text = JSON.stringify(sealed)
  expect(text).not.toContain('bi-mat')
  const [sealedText = ''] = /sealed2:[\w-]+/.exec(text) ?? []
  const place = 'collectors/sql-view/sql-view/password'
  expect(openSealed(sealedText, key.private, 'ka-do/tram-01', place)).toBe('bi-mat')
  expect(sealSecrets(sealed, address, undefined)).toEqual(sealed)
  const flows = { nodes: [{ id: 'n1', type: 'mqtt-broker' }], credentials: { n1: { user: 'a', password: 'bi-mat-2' } } }
  const sealedFlows = sealSecrets({ flows }, address, announced).flows
  expect(JSON.stringify(sealedFlows)).not.toContain('bi-mat-2')
  const credential = sealedFlows?.credentials?.['n1']?.['password'] ?? ''
  expect(openSealed(credential, key.private, 'ka-do/tram-01', 'flows/n1/password')).toBe('bi-mat-2')
  expect(() => sealSecrets({ agent: { collectors: [database] } }, address, undefined)).toThrow(
    /has not announced its key/,
  )
})

test('an agent of an earlier version, which knows no places, gets seals without one', () => {
  const key = createSealKey()
  const { agent } = sealSecrets({ agent: { collectors: [database] } }, address, { public: key.public })
  const [text = ''] = /sealed1:[\w-]+/.exec(JSON.stringify(agent)) ?? []
  expect(openSealed(text, key.private, 'ka-do/tram-01', 'anywhere')).toBe('bi-mat')
})

test('no error quotes a secret', () => {
  const { errors = [] } = validateDesired({ agent: { collectors: [{ ...database, password: 12345678, host: 5 }] } })
  expect(errors.map(({ field }) => field)).toContain('agent.collectors[0].password')
  expect(JSON.stringify(errors)).not.toContain('12345678')
})

test('a collector is added to a text, or replaces that of its name; lists of a form are YAML', async () => {
  const check = { type: 'check', targets: '- { device: web, check: tcp, host: a, port: 80 }' }
  const once = await withCollector('cadence_s: 5\n', check)
  const { config } = await readConfigYaml(await withCollector(once, { ...check, cadence_s: 9 }))
  expect(config).toMatchObject({
    cadence_s: 5,
    agent: { collectors: [{ type: 'check', cadence_s: 9, targets: [{ host: 'a' }] }] },
  })
  expect(await configYaml({})).toBe('')
  expect(await withCollector('a: [', check)).toBe('a: [')
})

test.each([
  ['a circle of aliases', 'agent: &a\n  collectors: [*a]\n', /circular/],
  ['a key that occurs twice', 'agent: {}\ncadence_s: 5\ncadence_s: 6\n', /the key cadence_s occurs twice/],
  ['an unclosed list', 'agent: [', /invalid YAML/],
])('a text with %s is invalid YAML', async (_, text, reason) => {
  const { errors } = await readConfigYaml(text)
  expect(errors?.[0]?.reason.en).toMatch(reason)
})

test('a map of many keys is read key by key, not each against all others', async () => {
  const keys = Array.from({ length: 30_000 }, (_, at) => `  k${at}: 1`).join('\n')
  const { errors } = await readConfigYaml(`agent:\n${keys}\n`)
  expect(errors).toBeDefined()
})

test('a collector is added after an entry that is empty', async () => {
  const text = await withCollector('agent:\n  collectors:\n    -\n', { type: 'system' })
  expect(text).toContain('- type: system')
})
