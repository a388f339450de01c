import { expect, test } from 'vitest'
import { expiryState, renewalFrom } from './credential-expiry.ts'

const day = 86_400_000

test.each([
  ['without an end', null, [], [0, 10_000]],
  ['of a year', 365, [345, 364], [0, 343]],
  ['of a week', 7, [5.5, 6.9], [0, 5]],
  ['of a day', 1, [0.76, 0.99], [0, 0.74]],
] as const)('a credential %s is to be renewed near its end', (_name, days, expiring, valid) => {
  const validity = { created: 0, expires: days === null ? null : days * day }
  for (const at of expiring) expect(expiryState(validity, at * day), String(at)).toBe('expiring')
  for (const at of valid) expect(expiryState(validity, at * day), String(at)).toBe('valid')
  if (days !== null) expect(expiryState(validity, days * day)).toBe('expired')
})

test('one that ends before it was made, as with a wrong clock, has expired', () => {
  expect(expiryState({ created: 10, expires: 5 }, 7)).toBe('expired')
  expect(renewalFrom({ created: 10, expires: 5 })).toBe(5)
})
