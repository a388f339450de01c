import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planBlocks, splitBlock, type Wanted } from './plan.ts'
import { areas, formats, sizeOf } from './registers.ts'

const at = (address: number, format: Wanted['format'] = 'uint16', area: Wanted['area'] = 'holding') => ({
  address,
  area,
  format,
})
const shapes = (wanted: readonly Wanted[]) =>
  planBlocks(wanted).map(({ area, address, length }) => [area, address, length])

test('near registers share a request', () => {
  expect(shapes([at(10), at(0, 'float32'), at(2)])).toEqual([['holding', 0, 11]])
  expect(shapes([at(0), at(51)])).toEqual([['holding', 0, 52]])
  expect(shapes([at(0), at(52)])).toEqual([
    ['holding', 0, 1],
    ['holding', 52, 1],
  ])
  expect(shapes([at(0), at(1, 'uint16', 'input')])).toHaveLength(2)
})

test('a block that is refused is split until each register is alone', () => {
  const [block] = planBlocks([at(0), at(1), at(2)])
  if (!block) throw new Error('no block')
  const halves = splitBlock(block)
  expect(halves?.map(({ address, length }) => [address, length])).toEqual([
    [0, 2],
    [2, 1],
  ])
  expect(halves?.[1] && splitBlock(halves[1])).toBeUndefined()
})

test('each wanted register is in exactly one block, within the limits of the protocol', () => {
  const wanted = fc.record({
    address: fc.integer({ min: 0, max: 3000 }),
    area: fc.constantFrom(...areas),
    format: fc.constantFrom(...formats),
  })
  fc.assert(
    fc.property(fc.array(wanted, { maxLength: 60 }), (list) => {
      const blocks = planBlocks(list)
      expect(blocks.flatMap((block) => block.wanted).length).toBe(list.length)
      for (const { area, address, length, wanted: inside } of blocks) {
        expect(length).toBeLessThanOrEqual(area === 'coil' || area === 'discrete' ? 2000 : 125)
        for (const one of inside) {
          expect(one.area).toBe(area)
          expect(one.address).toBeGreaterThanOrEqual(address)
          expect(one.address + sizeOf(one)).toBeLessThanOrEqual(address + length)
        }
      }
    }),
  )
})
