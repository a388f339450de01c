import { IocError } from '@ioc/contract/errors.ts'
import { maxStillBytes, maxStillWidth } from '@ioc/contract/messages/camera-link.ts'
import sharp from 'sharp'
import type { Mask } from '../cameras/camera-file.ts'

/** Qualities that are tried, the best first, until the still is small enough. */
const qualities = [72, 50, 30] as const
/** Largest picture that is decoded, in pixels: 8 K. */
const maxPixels = 50_000_000

/**
 * What of a picture leaves the bridge: at most 640 pixels wide, with its masks blackened, and without metadata (EXIF has the
 * place and the serial number of a camera).
 * @throws IocError CAMERA_ANSWER_INVALID
 */
export async function makeStill(jpeg: Buffer, masks: readonly Mask[] = []): Promise<Buffer> {
  try {
    const { data, info } = await sharp(jpeg, { failOn: 'error', limitInputPixels: maxPixels })
      .resize({ width: maxStillWidth, withoutEnlargement: true })
      .raw()
      .toBuffer({ resolveWithObject: true })
    const { width, height, channels } = info
    if (masks.length > 0) blacken(data, channels, await coverageOf(masks, width, height))
    for (const quality of qualities) {
      const still = await sharp(data, { raw: { width, height, channels } }).jpeg({ quality }).toBuffer()
      if (still.length <= maxStillBytes) return still
    }
  } catch (cause) {
    throw new IocError('CAMERA_ANSWER_INVALID', `not a picture: ${(cause as Error).message}`, { cause })
  }
  throw new IocError('CAMERA_ANSWER_INVALID', `a still has more than ${maxStillBytes} bytes`)
}

/** Of each pixel whether a mask covers a part of it, whatever its own colours are. */
async function coverageOf(masks: readonly Mask[], width: number, height: number): Promise<Uint8Array> {
  return sharp(Buffer.from(drawing(masks, width, height)))
    .extractChannel('alpha')
    .raw()
    .toBuffer()
}

/** In the pixels, before anything is encoded. */
function blacken(pixels: Uint8Array, channels: number, coverage: Uint8Array): void {
  for (let at = 0; at < coverage.length; at++) {
    if (coverage[at] !== 0) pixels.fill(0, at * channels, (at + 1) * channels)
  }
}

function drawing(masks: readonly Mask[], width: number, height: number): string {
  const polygons = masks.map((mask) => {
    const corners = mask.map(([x, y]) => `${x * width},${y * height}`).join(' ')
    return `<polygon points="${corners}" fill="black"/>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${polygons.join('')}</svg>`
}
