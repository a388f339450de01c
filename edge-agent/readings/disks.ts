import { readFile, statfs } from 'node:fs/promises'
import { type DiskUse, diskUse, localDisks, parseMountinfo, type Space } from './mounts.ts'
import { portable } from './portable.ts'
import { reading } from './reading.ts'

/** Most disks that are asked at a time. */
const maxDisks = 256

export interface NamedDiskUse extends DiskUse {
  /** Where it is mounted, as `/srv/data` or `C:`; of several places the shortest. */
  readonly point: string
}

/** Reads the use of each local disk. One that does not answer in time is left out, until it answers. */
export function disksReading(): () => Promise<NamedDiskUse[]> {
  if (process.platform !== 'linux') return portableReading()
  const readers = new Map<string, () => Promise<Space | undefined>>()
  const readerOf = (point: string) => {
    const known = readers.get(point)
    if (known) return known
    const made = reading(() => spaceAt(point))
    readers.set(point, made)
    return made
  }
  return async () => {
    const disks = localDisks(parseMountinfo(await readFile('/proc/self/mountinfo', 'utf8')))
      .map(({ mounts }) => mounts.map(({ point }) => point))
      .slice(0, maxDisks)
    // A container sees an overlay only, which answers for the disk that it lies on.
    if (disks.length === 0) disks.push(['/'])
    const points = disks.flat()
    for (const point of readers.keys()) if (!points.includes(point)) readers.delete(point)
    const spaces = new Map(await Promise.all(points.map(async (point) => [point, await readerOf(point)()] as const)))
    return disks.flatMap((disk) => {
      const use = diskUse(disk.map((point) => spaces.get(point)).filter((space) => space !== undefined))
      const [point = '/'] = disk.toSorted((a, b) => a.length - b.length)
      return use ? [{ ...use, point }] : []
    })
  }
}

async function spaceAt(point: string): Promise<Space> {
  const { blocks, bfree, bavail, bsize, frsize } = await statfs(point)
  // Blocks are counted in fragments; older kernels leave their size out.
  const unit = frsize || bsize
  return { size: blocks * unit, free: bfree * unit, available: bavail * unit }
}

function portableReading(): () => Promise<NamedDiskUse[]> {
  const read = reading(async () => (await portable()).fsSize())
  return async () => {
    const bySource = new Map<string, NamedDiskUse>()
    for (const { fs, size, used, use } of (await read()) ?? []) {
      if (size > 0) bySource.set(fs, { used, size, percent: use, point: fs })
    }
    return [...bySource.values()]
  }
}
