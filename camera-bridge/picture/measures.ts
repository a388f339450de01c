import type { Frame } from './frame.ts'

/** What one picture measures. Luma is from 0 to 255. */
export interface Measures {
  readonly mean: number
  /** Share of pixels that are almost white, and of those that are almost white or black: they show no noise. */
  readonly whiteShare: number
  readonly clippedShare: number
  /**
   * Standard deviation of the means of blocks, without the lightest and the darkest twentieth: what there is to see, without
   * the noise of the sensor and a burnt-in clock.
   */
  readonly structure: number
  /** Mean square of the Laplacian at half size, without the tenth of the blocks that have the most: how sharp edges are. */
  readonly sharpness: number
  /** Means of a coarse grid, by rows. */
  readonly grid: readonly number[]
}

/** How two pictures in a row differ, in steps of luma. */
export interface Change {
  /** Mean difference, without the tenth of the blocks that changed the most: a burnt-in clock is among those. */
  readonly rest: number
  /** Mean difference of the block that changed the most. */
  readonly most: number
}

const block = 16
const white = 250
const black = 2
/** Share of the blocks that `rest` and `sharpness` leave out: a burnt-in clock is among them. */
const trimmedShare = 0.1
const gridColumns = 33
const gridRows = 18

export function measure(frame: Frame): Measures {
  const { luma } = frame
  let sum = 0
  let whites = 0
  let blacks = 0
  for (const value of luma) {
    sum += value
    if (value >= white) whites += 1
    else if (value <= black) blacks += 1
  }
  const means = blockMeans(frame)
  return {
    mean: sum / luma.length,
    whiteShare: whites / luma.length,
    clippedShare: (whites + blacks) / luma.length,
    structure: Math.sqrt(varianceOf(trimmed(means))),
    sharpness: meanOfLower(edgesOfBlocks(halved(frame), block / 2)),
    grid: gridMeans(frame),
  }
}

/** Undefined where the pictures differ in size. */
export function compare(before: Frame, after: Frame): Change | undefined {
  const { width, height } = before
  if (width !== after.width || height !== after.height) return undefined
  const luma = new Uint8Array(before.luma.length)
  for (let at = 0; at < luma.length; at++) luma[at] = Math.abs((before.luma[at] ?? 0) - (after.luma[at] ?? 0))
  const changes = blockMeans({ width, height, luma }).sort()
  return { rest: meanOfLower(changes), most: changes.at(-1) ?? 0 }
}

/** Sorts the values of blocks, and takes the mean without the highest tenth. */
function meanOfLower(blocks: Float64Array): number {
  const kept = blocks.sort().subarray(0, Math.max(1, Math.floor(blocks.length * (1 - trimmedShare))))
  return kept.reduce((all, one) => all + one, 0) / kept.length
}

/**
 * How alike the coarse shapes of two grids are, from −1 to 1: the correlation of the steps between neighbours in a row. Light
 * and fog change their height, but not where they are.
 */
export function gridLikeness(a: readonly number[], b: readonly number[]): number {
  let [dot, ofA, ofB] = [0, 0, 0]
  for (let row = 0; row < gridRows; row++) {
    for (let column = 0; column < gridColumns - 1; column++) {
      const at = row * gridColumns + column
      const stepA = (a[at + 1] ?? 0) - (a[at] ?? 0)
      const stepB = (b[at + 1] ?? 0) - (b[at] ?? 0)
      dot += stepA * stepB
      ofA += stepA * stepA
      ofB += stepB * stepB
    }
  }
  return ofA === 0 || ofB === 0 ? 0 : dot / Math.sqrt(ofA * ofB)
}

/** Mean size of the steps between neighbours in a row of a grid. */
export function gridStep(grid: readonly number[]): number {
  let sum = 0
  for (let row = 0; row < gridRows; row++) {
    for (let column = 0; column < gridColumns - 1; column++) {
      const at = row * gridColumns + column
      sum += Math.abs((grid[at + 1] ?? 0) - (grid[at] ?? 0))
    }
  }
  return sum / (gridRows * (gridColumns - 1))
}

function blockMeans({ width, height, luma }: Frame): Float64Array {
  const columns = Math.max(1, Math.floor(width / block))
  const rows = Math.max(1, Math.floor(height / block))
  const means = new Float64Array(columns * rows)
  for (let row = 0; row < rows; row++) {
    for (let y = row * block; y < Math.min(height, (row + 1) * block); y++) {
      for (let column = 0, x = 0; column < columns; column++) {
        let sum = 0
        for (const end = Math.min(width, x + block); x < end; x++) sum += luma[y * width + x] ?? 0
        const of = row * columns + column
        means[of] = (means[of] ?? 0) + sum / (block * block)
      }
    }
  }
  return means
}

function gridMeans({ width, height, luma }: Frame): number[] {
  const sums = new Array<number>(gridColumns * gridRows).fill(0)
  const counts = new Array<number>(gridColumns * gridRows).fill(0)
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * gridRows) / height) * gridColumns
    for (let x = 0; x < width; x++) {
      const at = row + Math.floor((x * gridColumns) / width)
      sums[at] = (sums[at] ?? 0) + (luma[y * width + x] ?? 0)
      counts[at] = (counts[at] ?? 0) + 1
    }
  }
  return sums.map((sum, at) => sum / Math.max(1, counts[at] ?? 1))
}

/** Means of 2 × 2 pixels, against noise. */
function halved({ width, height, luma }: Frame): Frame {
  const [wide, high] = [width >> 1, height >> 1]
  const half = new Uint8Array(wide * high)
  for (let y = 0; y < high; y++) {
    for (let x = 0; x < wide; x++) {
      const at = 2 * y * width + 2 * x
      half[y * wide + x] =
        ((luma[at] ?? 0) + (luma[at + 1] ?? 0) + (luma[at + width] ?? 0) + (luma[at + width + 1] ?? 0)) >> 2
    }
  }
  return { width: wide, height: high, luma: half }
}

/** Mean square of the Laplacian in each block. */
function edgesOfBlocks({ width, height, luma }: Frame, size: number): Float64Array {
  const columns = Math.max(1, Math.floor(width / size))
  const rows = Math.max(1, Math.floor(height / size))
  const edges = new Float64Array(columns * rows)
  for (let y = 1; y < Math.min(height - 1, rows * size); y++) {
    const row = Math.floor(y / size) * columns
    for (let x = 1; x < Math.min(width - 1, columns * size); x++) {
      const at = y * width + x
      const around = (luma[at - 1] ?? 0) + (luma[at + 1] ?? 0) + (luma[at - width] ?? 0) + (luma[at + width] ?? 0)
      const of = row + Math.floor(x / size)
      edges[of] = (edges[of] ?? 0) + (around - 4 * (luma[at] ?? 0)) ** 2 / (size * size)
    }
  }
  return edges
}

function trimmed(values: Float64Array): Float64Array {
  const cut = Math.ceil(values.length / 20)
  return values.length <= 2 * cut ? values : values.toSorted().subarray(cut, -cut)
}

function varianceOf(values: Float64Array): number {
  const mean = values.reduce((all, one) => all + one, 0) / values.length
  return values.reduce((all, one) => all + (one - mean) ** 2, 0) / values.length
}
