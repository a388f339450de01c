import { writeFileSync } from 'node:fs'
import { zxyToTileId } from 'pmtiles'

/** Layers of a tile, each a square over all of it with one property. */
export interface SquareLayer {
  readonly layer: string
  readonly property: readonly [name: string, value: string]
}

/** Writes a PMTiles file (version 3) with one vector tile, uncompressed. */
export function writePmtiles(
  file: string,
  [z, x, y]: readonly [number, number, number],
  layers: readonly SquareLayer[],
): void {
  const tile = Buffer.concat(layers.map((layer) => field(3, layerOf(layer))))
  const directory = Buffer.concat([1, zxyToTileId(z, x, y), 1, tile.length, 1].map(varint))
  const metadata = Buffer.from(JSON.stringify({ attribution: '<a href="https://example.org">© Bản đồ thử</a>' }))
  const header = Buffer.alloc(127)
  header.write('PMTiles')
  header[7] = 3
  const offsets = [
    [127, directory.length],
    [127 + directory.length, metadata.length],
    [0, 0],
    [127 + directory.length + metadata.length, tile.length],
  ].flat()
  for (const [index, value] of offsets.entries()) header.writeBigUInt64LE(BigInt(value), 8 + 8 * index)
  for (const [index, value] of [1, 1, 1].entries()) header.writeBigUInt64LE(BigInt(value), 72 + 8 * index)
  // Clustered; neither directories nor tiles are compressed; vector tiles; one zoom.
  for (const [index, value] of [1, 1, 1, 1, z, z].entries()) header[96 + index] = value
  for (const [index, degrees] of [-180, -85, 180, 85].entries()) header.writeInt32LE(degrees * 1e7, 102 + 4 * index)
  writeFileSync(file, Buffer.concat([header, directory, metadata, tile]))
}

const extent = 4_096

/** A layer of a vector tile in protocol buffers: version, name, one feature, its property, extent. */
function layerOf({ layer, property: [name, value] }: SquareLayer): Buffer {
  const side = zigzag(extent)
  const square = [command(1, 1), 0, 0, command(2, 3), side, 0, 0, side, zigzag(-extent), 0, command(7, 1)]
  const feature = Buffer.concat([
    field(2, Buffer.concat([0, 0].map(varint))),
    number(3, 3),
    field(4, Buffer.concat(square.map(varint))),
  ])
  return Buffer.concat([
    field(1, Buffer.from(layer)),
    field(2, feature),
    field(3, Buffer.from(name)),
    field(4, field(1, Buffer.from(value))),
    number(5, extent),
    number(15, 2),
  ])
}

const command = (id: number, count: number): number => id | (count << 3)
const zigzag = (value: number): number => (value << 1) ^ (value >> 31)
const field = (id: number, bytes: Buffer): Buffer => Buffer.concat([varint((id << 3) | 2), varint(bytes.length), bytes])
const number = (id: number, value: number): Buffer => Buffer.concat([varint(id << 3), varint(value)])

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest & 0x7f) | 0x80)
  return Buffer.from([...bytes, rest])
}
