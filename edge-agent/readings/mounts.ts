/** One line of `/proc/self/mountinfo`. */
export interface Mount {
  /** Device number, as `8:1`. Major 0 stands for a file system without a block device. */
  readonly device: string
  readonly point: string
  readonly type: string
  readonly source: string
  readonly readOnly: boolean
}

/** Figures of `statfs`, in bytes. */
export interface Space {
  readonly size: number
  readonly free: number
  /** Without the reserve of root. */
  readonly available: number
}

/** Mounts that share their room: file systems on one device, or data sets of one ZFS pool. */
export interface Disk {
  /** A device number, or the name of a pool. */
  readonly id: string
  /** One mount of each file system on it. */
  readonly mounts: readonly Mount[]
}

/** How full a disk is, in bytes and percent. */
export interface DiskUse {
  readonly used: number
  readonly size: number
  /** Of what its users may have: the reserve of root is neither used nor free. */
  readonly percent: number
}

/** Parses `/proc/self/mountinfo` (proc(5)). */
export function parseMountinfo(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [head, tail] = line.split(' - ', 2)
    const [, , device, , point] = head?.split(' ') ?? []
    const [type, source, options] = tail?.split(' ') ?? []
    if (device === undefined || point === undefined || type === undefined || source === undefined) return []
    // The options of the file system, not of the mount: a sandbox mounts a disk read-only that others write to.
    const readOnly = options?.split(',').includes('ro') === true
    return [{ device, point: decodeOctal(point), type, source: decodeOctal(source), readOnly }]
  })
}

/** Space, tab, line feed and backslash are octal in mountinfo. */
function decodeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}

/** Local file systems that mountinfo shows without a block device. */
const withoutBlockDevice = new Set(['zfs', 'btrfs', 'bcachefs', 'ubifs'])

/** Images: always full, and their file is on another disk that is counted. */
const images = new Set(['squashfs', 'erofs', 'cramfs', 'romfs', 'iso9660', 'udf'])

const loopMajor = '7'

/**
 * The local disks of a machine. Network file systems (NFS, CIFS, 9p, sshfs …) tell of another machine, and asking one
 * that is away hangs; pseudo file systems (proc, tmpfs, overlay …) have no disk or lie on one that is counted. Neither has
 * a block device, and a short list names the local ones without.
 */
export function localDisks(mounts: readonly Mount[]): Disk[] {
  const disks = new Map<string, Map<string, Mount>>()
  // A later mount at the same point hides an earlier one.
  const visible = new Map(mounts.map((mount) => [mount.point, mount]))
  for (const mount of visible.values()) {
    if (!isLocalDisk(mount)) continue
    const pool = mount.type === 'zfs'
    const id = pool ? poolOf(mount.source) : mount.device
    const fileSystem = pool ? mount.source : mount.device
    const known = disks.get(id)
    // A bind mount shows the same file system again.
    if (!known) disks.set(id, new Map([[fileSystem, mount]]))
    else if (!known.has(fileSystem)) known.set(fileSystem, mount)
  }
  return [...disks].map(([id, known]) => ({ id, mounts: [...known.values()] }))
}

function isLocalDisk({ device, type, source, readOnly }: Mount): boolean {
  if (images.has(type)) return false
  const [major] = device.split(':')
  if (major === loopMajor && readOnly) return false
  // A snapshot of ZFS, mounted while someone looks into it.
  if (type === 'zfs' && source.includes('@')) return false
  return major !== '0' || withoutBlockDevice.has(type)
}

function poolOf(dataset: string): string {
  return dataset.split('/', 1)[0] ?? dataset
}

/**
 * How full a disk is, from what its file systems answer. Data sets of a pool share its free room: each has used its own,
 * and the one without a quota may use all that is left. A data set that fills its quota is full, whatever the pool has.
 */
export function diskUse(spaces: readonly Space[]): DiskUse | undefined {
  const real = spaces.filter(({ size }) => size > 0)
  if (real.length === 0) return undefined
  const used = real.reduce((sum, each) => sum + each.size - each.free, 0)
  const free = Math.max(...real.map((each) => each.free))
  const available = Math.max(...real.map((each) => each.available))
  return {
    used,
    size: used + free,
    percent: Math.max(
      percentUsed(used, available),
      ...real.map((each) => percentUsed(each.size - each.free, each.available)),
    ),
  }
}

function percentUsed(used: number, available: number): number {
  return used + available > 0 ? (100 * used) / (used + available) : 0
}
