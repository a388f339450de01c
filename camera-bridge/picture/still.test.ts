import { maxStillBytes, maxStillWidth } from '@ioc/contract/messages/camera-link.ts'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import type { Mask } from '../cameras/camera-file.ts'
import { makeStill } from './still.ts'

const upperLeft: Mask = [
  [0, 0],
  [0.5, 0],
  [0.5, 0.5],
  [0, 0.5],
]
const triangle: Mask = [
  [1, 0.5],
  [1, 1],
  [0.5, 1],
]

/** A white picture, or one of noise, as a camera sends it: in colour or grey, with the place in its EXIF. */
async function picture(width: number, height: number, of: 'white' | 'grey' | 'noise'): Promise<Buffer> {
  const channels = of === 'grey' ? 1 : 3
  const pixels = Buffer.alloc(width * height * channels, 255)
  if (of === 'noise') for (let at = 0; at < pixels.length; at++) pixels[at] = (at * 2_654_435_761) % 256
  return sharp(pixels, { raw: { width, height, channels } })
    .withExif({ IFD0: { Copyright: 'secret place' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '11/1 47/1 0/1' } })
    .jpeg({ quality: 100 })
    .toBuffer()
}

async function lightAt(still: Buffer, x: number, y: number): Promise<number> {
  const { data, info } = await sharp(still).greyscale().raw().toBuffer({ resolveWithObject: true })
  return data[(Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels] ?? -1
}

describe('still', () => {
  test.each([
    ['in colour', 'white', 1280, 720],
    ['without colour', 'grey', 800, 600],
    ['that is smaller than a still', 'white', 320, 240],
  ] as const)('of a picture %s is black within its masks, and white outside', async (_, of, width, height) => {
    const still = await makeStill(await picture(width, height, of), [upperLeft, triangle])
    for (const [x, y] of [
      [0.1, 0.1],
      [0.48, 0.48],
      [0.02, 0.4],
      [0.95, 0.95],
    ] as const) {
      expect(await lightAt(still, x, y)).toBeLessThan(10)
    }
    for (const [x, y] of [
      [0.6, 0.2],
      [0.2, 0.8],
      [0.55, 0.6],
    ] as const) {
      expect(await lightAt(still, x, y)).toBeGreaterThan(245)
    }
  })

  test('has no metadata, is small, and at most as wide as allowed', async () => {
    const still = await makeStill(await picture(3840, 2160, 'noise'))
    const { exif, icc, xmp, width } = await sharp(still).metadata()
    expect({ exif, icc, xmp, width }).toEqual({ exif: undefined, icc: undefined, xmp: undefined, width: maxStillWidth })
    expect(still.includes('secret place')).toBe(false)
    expect(still.length).toBeLessThanOrEqual(maxStillBytes)
  })

  test('is none of what is not a picture', async () => {
    await expect(makeStill(Buffer.from('<html>'))).rejects.toThrow('not a picture')
  })
})
