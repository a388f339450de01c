import { IocError } from '@ioc/contract/errors.ts'
import sharp from 'sharp'

/** The luma of a picture, a byte a pixel, from 0 to 255. */
export interface Frame {
  readonly width: number
  readonly height: number
  readonly luma: Uint8Array
}

/** Largest picture that is decoded, in pixels: 8 K. */
const maxPixels = 50_000_000
/** Widest frame that is kept, in pixels; of wider pictures every second, third, … pixel is. */
const maxWidth = 640

// One picture at a time of each camera; memory is worth more than a cache of pictures that are read once.
sharp.cache(false)
sharp.concurrency(1)

/**
 * Decodes a picture. Wide ones are thinned and not averaged, which would remove the noise of the sensor.
 * @throws IocError CAMERA_ANSWER_INVALID
 */
export async function decode(jpeg: Buffer): Promise<Frame> {
  try {
    const { data, info } = await sharp(jpeg, { failOn: 'error', limitInputPixels: maxPixels })
      .greyscale()
      .raw()
      .toBuffer({ resolveWithObject: true })
    return thinned({ width: info.width, height: info.height, luma: data }, info.channels)
  } catch (error) {
    throw new IocError('CAMERA_ANSWER_INVALID', `not a picture: ${(error as Error).message}`, { cause: error })
  }
}

function thinned({ width, height, luma }: Frame, channels: number): Frame {
  const step = Math.ceil(width / maxWidth)
  if (step === 1 && channels === 1) return { width, height, luma }
  const [wide, high] = [Math.floor(width / step), Math.floor(height / step)]
  const thin = new Uint8Array(wide * high)
  for (let y = 0; y < high; y++) {
    for (let x = 0; x < wide; x++) thin[y * wide + x] = luma[(y * step * width + x * step) * channels] ?? 0
  }
  return { width: wide, height: high, luma: thin }
}
