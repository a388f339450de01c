import { expect, test } from 'vitest'
import { isAnotherCamera } from './identity-check.ts'

const about = { manufacturer: 'IOC', model: 'A', firmware: '1' }
const mac = '02:00:00:00:00:01'
const otherMac = '02:00:00:00:00:02'

test.each([
  ['the same serial', { serial: 'a' }, 'a', [], false],
  ['another serial', { serial: 'a' }, 'b', [], true],
  ['another serial at the same MAC', { serial: 'a', mac }, 'b', [mac], true],
  ['the serial that a vendor gives to all, with another MAC', { serial: '0', mac }, '0', [otherMac], true],
  ['the same serial with a second interface', { serial: 'a', mac }, 'a', [otherMac, mac], false],
  ['a MAC in capital letters', { mac: mac.toUpperCase() }, '', [mac], false],
  ['no serial, and another MAC', { serial: 'a', mac }, '', [otherMac], true],
  ['no serial any more, and no MAC', { serial: 'a', mac }, '', [], false],
  ['nothing to compare', {}, 'b', [otherMac], false],
])('a camera with %s', (_, known, serial, macs, isAnother) => {
  expect(isAnotherCamera(known, { ...about, serial, macs })).toBe(isAnother)
})
