import { expect, test } from 'vitest'
import { createSealKey, openSealed, seal } from './sealed.ts'

const place = 'collectors/sql-view/register/password'

test('a sealed secret is opened by the key, the name and the place that it was sealed for, and by no other', () => {
  const [key, other] = [createSealKey(), createSealKey()]
  for (const secret of ['p', 'mật khẩu "rất" bí mật \\', 'x'.repeat(5_000), '\u0080', '']) {
    const text = seal(secret, key.public, 'ka-do/tram-01', place)
    expect(text).toMatch(/^sealed2:[A-Za-z0-9_-]+$/)
    expect(openSealed(text, key.private, 'ka-do/tram-01', place)).toBe(secret)
    expect(() => openSealed(text, other.private, 'ka-do/tram-01', place)).toThrow(/not for ka-do\/tram-01/)
    expect(() => openSealed(text, key.private, 'ka-do/tram-02', place)).toThrow(/not for ka-do\/tram-02/)
    for (const elsewhere of ['collectors/http-json/api/headers/authorization', 'flows/n1/password', '']) {
      expect(() => openSealed(text, key.private, 'ka-do/tram-01', elsewhere)).toThrow(/enter it again/)
    }
  }
})

test('one that was sealed for an earlier version has no place, and does not pass for one that has', () => {
  const key = createSealKey()
  const text = seal('secret', key.public, 'a/b')
  expect(text).toMatch(/^sealed1:/)
  expect(openSealed(text, key.private, 'a/b', place)).toBe('secret')
  const placed = seal('secret', key.public, 'a/b', place)
  for (const one of [text.replace('sealed1', 'sealed2'), placed.replace('sealed2', 'sealed1')]) {
    expect(() => openSealed(one, key.private, 'a/b', place)).toThrow()
  }
})

test('two secrets of about one length cannot be told apart, nor one secret sealed twice', () => {
  const { public: key } = createSealKey()
  expect(seal('a', key, 'a/b', place)).toHaveLength(seal('a longer secret', key, 'a/b', place).length)
  expect(seal('a', key, 'a/b', place)).not.toBe(seal('a', key, 'a/b', place))
})

test('a text that is not sealed, or was changed, is refused', () => {
  const key = createSealKey()
  const text = seal('secret', key.public, 'a/b', place)
  // Not the last character: some of its bits may be those that fill base64 up.
  const changed = `${text.slice(0, -5)}${text.at(-5) === 'A' ? 'B' : 'A'}${text.slice(-4)}`
  for (const one of ['', 'plain', 'sealed2:', text.slice(0, -20), changed, text.toUpperCase()]) {
    expect(() => openSealed(one, key.private, 'a/b', place)).toThrow()
  }
  expect(() => seal('secret', 'short', 'a/b', place)).toThrow(/X25519/)
})
