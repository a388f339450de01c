/** Where a cell is in its heap, within 32 bits: a chunk and a place there. 0 is none, which has no numbers. */
export type Cell = number

const chunkBits = 12
/** Numbers of a chunk of several cells at most, and how many chunks there can be: of large cells three gigabytes or more. */
const chunkLength = 2 ** chunkBits
const mostChunks = 2 ** (32 - chunkBits)
const placeMask = chunkLength - 1
const firstChunkLength = 256
/** Numbers of the smallest block, and of the largest that stands in a chunk. */
const leastBlock = 8
const mostShared = 256
/** Classes of blocks: two an octave, `2^k` and `1.5 · 2^k` numbers. */
const sharedClasses = 2 * Math.log2(mostShared)
/** Numbers of a block that is kept however little of it was needed. */
const keptBlock = 32
const none: Cell = 0
const noNumbers = new Float64Array(0)
const nowhere = -1

/**
 * Cells: numbers of which the first says how many there are, itself included. There is one in each pane, so that as
 * arrays of their own they would be a million things for the collector of garbage to look at; here many of them stand in
 * one. Each has a block, with a number before it that says of which class. What is freed is taken again for
 * cells of its class and given back with the heap: a heap is as large as its cells once were together.
 *
 * That would be too much for cells of kilobytes, as the sorted events of a day are, which all go when a node is full. Those
 * have a chunk each.
 */
export class CellHeap {
  readonly #chunks: Float64Array[] = []
  /** Chunks that large cells had. */
  readonly #freeChunks: number[] = []
  /** The freed block of each class that is taken next; each says where the one after it is. */
  readonly #free = new Uint32Array(sharedClasses)
  /** The chunk of the next new block, and where it begins there. */
  #current = nowhere
  #used = 0
  /** Numbers of the chunks of several cells. */
  #length = 0

  /** The array that a cell is in, valid until it is released or gets another block. */
  numbersOf(cell: Cell): Float64Array {
    return this.#chunks[cell >>> chunkBits] as Float64Array
  }

  /** Where it begins there. */
  placeOf(cell: Cell): number {
    return cell & placeMask
  }

  /** How many numbers it has. */
  usedOf(cell: Cell): number {
    return cell === none ? 0 : (this.numbersOf(cell)[cell & placeMask] as number)
  }

  /** A cell with room for so many numbers, with anything in it. @throws RangeError where there are too many large ones */
  take(length: number): Cell {
    const kind = classOf(length + 1)
    const size = sizeOf(kind)
    if (size > mostShared) return this.#begin(this.#addChunk(size), 0, kind)
    const free = this.#free[kind] as Cell
    if (free !== none) {
      this.#free[kind] = this.numbersOf(free)[free & placeMask] as number
      return free
    }
    if (this.#current === nowhere || this.#used + size > (this.#chunks[this.#current] as Float64Array).length) {
      const length = Math.min(chunkLength, Math.max(firstChunkLength, this.#length))
      this.#current = this.#addChunk(length)
      this.#length += length
      this.#used = 0
    }
    const at = this.#used
    this.#used += size
    return this.#begin(this.#current, at, kind)
  }

  #addChunk(length: number): number {
    const index = this.#freeChunks.pop() ?? this.#chunks.length
    if (index === mostChunks) throw new RangeError('a table has more large cells than it can tell apart')
    this.#chunks[index] = new Float64Array(length)
    return index
  }

  #begin(chunk: number, at: number, kind: number): Cell {
    const numbers = this.#chunks[chunk] as Float64Array
    numbers[at] = kind
    // Shifted without a sign: there may be more chunks than fit below it.
    return ((chunk << chunkBits) | (at + 1)) >>> 0
  }

  /** Gives up a cell, if there is one. */
  release(cell: Cell): void {
    if (cell === none) return
    const numbers = this.numbersOf(cell)
    const place = cell & placeMask
    const kind = numbers[place - 1] as number
    if (sizeOf(kind) > mostShared) {
      this.#chunks[cell >>> chunkBits] = noNumbers
      this.#freeChunks.push(cell >>> chunkBits)
      return
    }
    numbers[place] = this.#free[kind] as Cell
    this.#free[kind] = cell
  }

  /** Makes a cell one of no numbers, which keeps its block where it is about as large as it was needed; returns it, or none. */
  emptied(cell: Cell): Cell {
    if (cell === none) return none
    const numbers = this.numbersOf(cell)
    const place = cell & placeMask
    const size = sizeOf(numbers[place - 1] as number)
    if (size > mostShared || size > Math.max(keptBlock, 4 * (numbers[place] as number))) {
      this.release(cell)
      return none
    }
    numbers[place] = 0
    return cell
  }

  /** The same cell with room for so many numbers, elsewhere if it had less. */
  grown(cell: Cell, length: number): Cell {
    if (cell === none) return this.take(length)
    const numbers = this.numbersOf(cell)
    const place = cell & placeMask
    if (length < sizeOf(numbers[place - 1] as number)) return cell
    const larger = this.take(length)
    copy(numbers, place, this.numbersOf(larger), larger & placeMask, numbers[place] as number)
    this.release(cell)
    return larger
  }

  /** Puts so many numbers, which are not in this cell, in its place; they are a cell from `from[start]` on. */
  put(cell: Cell, from: Float64Array, start: number, length: number): Cell {
    const isOfClass = cell !== none && this.numbersOf(cell)[(cell & placeMask) - 1] === classOf(length + 1)
    const to = isOfClass ? cell : this.take(length)
    copy(from, start, this.numbersOf(to), to & placeMask, length)
    if (to !== cell) this.release(cell)
    return to
  }
}

/** A loop: of a dozen numbers it is quicker than a view of them. */
function copy(from: Float64Array, start: number, to: Float64Array, at: number, length: number): void {
  for (let index = 0; index < length; index++) to[at + index] = from[start + index] as number
}

/** The class of the smallest block that has so many numbers. */
function classOf(numbers: number): number {
  if (numbers <= leastBlock) return leastClass
  const octave = 31 - Math.clz32(numbers - 1)
  return 2 * octave + (numbers <= 1.5 * 2 ** octave ? 0 : 1)
}

const leastClass = 2 * Math.log2(leastBlock) - 1

/** Numbers of a block of a class, the one before its cell included. */
function sizeOf(kind: number): number {
  return (kind & 1) === 1 ? 2 << (kind >> 1) : 3 << ((kind >> 1) - 1)
}
