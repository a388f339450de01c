import { generateKeyPairSync, sign } from 'node:crypto'
import type { AgentRelease } from '@ioc/contract/messages/agent-release.ts'
import { describe, expect, test } from 'vitest'
import { keyId, verifyRelease } from './release.ts'

const now = Date.UTC(2026, 10, 30)
const own = generateKeyPairSync('ed25519')
const spare = generateKeyPairSync('ed25519')
const stranger = generateKeyPairSync('ed25519')
const pinned = [own.publicKey, spare.publicKey]
const target = { version: '0.2.0', platform: 'linux-x64', running: '0.1.0', now, newestSigned: 0 }
const file = { path: 'lib/a.mjs', size: 1, sha256: '0'.repeat(64), packed_size: 1, packed_sha256: '1'.repeat(64) }
const release: AgentRelease = {
  ...{ schema: 1, version: '0.2.0', platform: 'linux-x64', minimum_from: '0.1.0', rollback: false },
  expires: now + 1,
  rollout: { rings: ['1', '100%'], hold_h: 24, max_reverted_percent: 2 },
  files: [file],
}

function signed(content: object | string, { privateKey, publicKey } = own): string {
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  const signature = sign(null, Buffer.from(text), privateKey).toString('base64')
  return JSON.stringify({ release: text, signatures: [{ key: keyId(publicKey), signature }] })
}

const codeOf = (text: string, fit: Partial<typeof target> = {}): string => {
  try {
    verifyRelease(text, pinned, { ...target, ...fit })
    return 'accepted'
  } catch (error) {
    return (error as { code: string }).code
  }
}

test('a release is accepted with the signature of either pinned key', () => {
  expect(verifyRelease(signed(release), pinned, target)).toEqual(release)
  expect(codeOf(signed(release, spare))).toBe('accepted')
})

test('a changed byte, an unknown key and an older version have codes of their own', () => {
  expect(codeOf(signed(release).replace('0.1.0', '0.0.9'))).toBe('UPDATE_DAMAGED')
  expect(codeOf(signed(release, stranger))).toBe('UPDATE_UNTRUSTED')
  expect(codeOf(signed(release), { running: '0.10.0' })).toBe('UPDATE_OLDER')
})

test('the name of a known key does not make a signature of another', () => {
  const forged = JSON.parse(signed(release, stranger))
  forged.signatures[0].key = keyId(own.publicKey)
  expect(codeOf(JSON.stringify(forged))).toBe('UPDATE_DAMAGED')
  expect(codeOf('{"release":"{}","signatures":[]}')).toBe('UPDATE_UNTRUSTED')
  expect(codeOf('<html>')).toBe('UPDATE_DAMAGED')
})

test('an older version is accepted where it is signed as a rollback', () => {
  expect(codeOf(signed({ ...release, rollback: true }), { running: '0.10.0' })).toBe('accepted')
})

test('versions are compared as numbers', () => {
  expect(codeOf(signed({ ...release, version: '0.10.0' }), { version: '0.10.0', running: '0.9.0' })).toBe('accepted')
  expect(codeOf(signed({ ...release, version: '0.9.0' }), { version: '0.9.0', running: '0.10.0' })).toBe('UPDATE_OLDER')
})

test('an expired release is refused, whatever it is', () => {
  expect(codeOf(signed(release), { now: release.expires })).toBe('UPDATE_EXPIRED')
  expect(codeOf(signed({ ...release, rollback: true }), { now: release.expires + 1 })).toBe('UPDATE_EXPIRED')
})

describe('a centre that was captured', () => {
  const day = 86_400_000
  const earlier = { ...release, signed: now - 100 * day, expires: now - 10 * day }

  test('cannot have an expired release accepted by a clock that is set back', () => {
    const setBack = now - 50 * day
    expect(codeOf(signed(earlier), { now: setBack })).toBe('accepted')
    expect(codeOf(signed(earlier), { now: setBack, newestSigned: now - day })).toBe('UPDATE_EXPIRED')
    expect(codeOf(signed({ ...earlier, signed: undefined }), { now: setBack, newestSigned: now })).toBe(
      'UPDATE_EXPIRED',
    )
    expect(codeOf(signed(earlier), { now: 0, newestSigned: now - 20 * day })).toBe('accepted')
  })

  test('cannot serve a rollback again that was signed before a newer release', () => {
    const rollback = { ...release, signed: now - 2 * day, rollback: true }
    const running = '0.10.0'
    expect(codeOf(signed(rollback), { running, newestSigned: now - 2 * day })).toBe('accepted')
    expect(codeOf(signed(rollback), { running, newestSigned: now - day })).toBe('UPDATE_OLDER')
    expect(codeOf(signed({ ...rollback, signed: undefined }), { running, newestSigned: now - day })).toBe(
      'UPDATE_OLDER',
    )
  })

  test('a release that was signed in the future is refused: no later one would be accepted', () => {
    expect(codeOf(signed({ ...release, signed: now + 2 * day, expires: now + 9 * day }))).toBe('UPDATE_INVALID')
    expect(codeOf(signed({ ...release, signed: now + day / 2, expires: now + 9 * day }))).toBe('accepted')
    expect(codeOf(signed({ ...release, signed: -1 }))).toBe('UPDATE_INVALID')
  })
})

describe('what does not fit is refused', () => {
  test.each([
    ['another version than the wanted', { version: '0.3.0' }],
    ['another platform', { platform: 'win-x64' }],
    ['a version that needs another first', { minimum_from: '0.1.1' }],
    ['a newer schema', { schema: 2 }],
    ['no files', { files: [] }],
    ['a version that is a path', { version: '../0.2.0' }],
    ['two files whose names differ in case', { files: [file, { ...file, path: 'LIB/a.mjs' }] }],
    ['a file in place of a folder', { files: [file, { ...file, path: 'lib/a.mjs/b' }] }],
    ['a huge file', { files: [{ ...file, size: 2e9 }] }],
    ['a negative size', { files: [{ ...file, size: -1 }] }],
    ['no digest', { files: [{ ...file, sha256: 'x' }] }],
  ])('%s', (_what, change) => {
    expect(codeOf(signed({ ...release, ...change }))).toBe('UPDATE_INVALID')
  })

  test.each([
    '../../etc/passwd',
    'lib/../../x',
    '/etc/passwd',
    'lib//x',
    'lib/./x',
    'C:/x',
    'lib\\..\\x',
    'lib/nul',
    'lib/x.',
    'lib/a b',
    '',
    'a/'.repeat(30),
    'x'.repeat(300),
  ])('the path %j', (path) => {
    expect(codeOf(signed({ ...release, files: [{ ...file, path }] }))).toBe('UPDATE_INVALID')
  })

  test.each(['node', 'lib/node_modules/@serialport/bindings-cpp/x+y.musl.node', 'lib/.package-lock.json'])(
    'but not the path %j',
    (path) => {
      expect(codeOf(signed({ ...release, files: [{ ...file, path }] }))).toBe('accepted')
    },
  )
})
