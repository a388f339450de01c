import { expect, test } from 'vitest'
import { createSealKey, openSealed, seal } from './sealed.ts'

test('a sealed secret is opened by the key and the name that it was sealed for, and by no other', () => {
  const [key, other] = [createSealKey(), createSealKey()]
  for (const secret of ['p', 'mật khẩu "rất" bí mật \\', 'x'.repeat(5_000), '\u0080', '']) {
    const text = seal(secret, key.public, 'ka-do/tram-01')
    expect(text).toMatch(/^sealed1:[A-Za-z0-9_-]+$/)
    expect(openSealed(text, key.private, 'ka-do/tram-01')).toBe(secret)
    expect(() => openSealed(text, other.private, 'ka-do/tram-01')).toThrow(/not for ka-do\/tram-01/)
    expect(() => openSealed(text, key.private, 'ka-do/tram-02')).toThrow(/not for ka-do\/tram-02/)
  }
})

test('two secrets of about one length cannot be told apart, nor one secret sealed twice', () => {
  const { public: key } = createSealKey()
  expect(seal('a', key, 'a/b')).toHaveLength(seal('a longer secret', key, 'a/b').length)
  expect(seal('a', key, 'a/b')).not.toBe(seal('a', key, 'a/b'))
})

test('a text that is not sealed, or was changed, is refused', () => {
  const key = createSealKey()
  const text = seal('secret', key.public, 'a/b')
  const changed = `${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`
  for (const one of ['', 'plain', 'sealed1:', text.slice(0, -20), changed, text.toUpperCase()]) {
    expect(() => openSealed(one, key.private, 'a/b')).toThrow()
  }
  expect(() => seal('secret', 'short', 'a/b')).toThrow(/X25519/)
})
