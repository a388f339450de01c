import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { diskUse, localDisks, parseMountinfo } from './mounts.ts'

function disksOf(machine: string): Record<string, string[]> {
  const text = readFileSync(new URL(`../testing/machines/${machine}.mountinfo`, import.meta.url), 'utf8')
  const disks = localDisks(parseMountinfo(text))
  return Object.fromEntries(disks.map(({ id, mounts }) => [id, mounts.map(({ point }) => point)]))
}

const GB = 1e9

/** What `statfs` answers for a data set of a pool: its own use, and what is left for all. */
function dataset(used: number, left: number) {
  return { size: (used + left) * GB, free: left * GB, available: left * GB }
}

describe('local disks', () => {
  test.each<[machine: string, disks: Record<string, string[]>]>([
    ['proxmox-zfs', { rpool: ['/', '/rpool', '/rpool/ROOT', '/rpool/data', '/rpool/data/subvol-101-disk-0'] }],
    ['fedora-btrfs', { '0:31': ['/'], '259:2': ['/boot'], '259:1': ['/boot/efi'] }],
    ['ubuntu-lvm-snap-nfs', { '253:0': ['/'], '253:1': ['/srv/data'], '8:2': ['/boot'], '8:17': ['/media/usb stick'] }],
    ['docker-host', { '8:1': ['/'], '8:15': ['/boot/efi'] }],
    ['container', { '8:1': ['/etc/resolv.conf'] }],
    ['openwrt', { '0:17': ['/overlay'] }],
    // Read-only for the agent alone: the file systems are not.
    ['sandboxed-agent', { '8:2': ['/'], '8:3': ['/home'] }],
  ])('of %s are each there once', (machine, disks) => {
    expect(disksOf(machine)).toEqual(disks)
  })

  test('a mount that another one hides is not asked', () => {
    const mounts = parseMountinfo(
      '30 1 8:2 / / rw - ext4 /dev/sda2 rw\n31 30 8:3 / /home rw - ext4 /dev/sda3 rw\n32 30 0:40 / /home rw - tmpfs tmpfs ro\n',
    )
    expect(localDisks(mounts).map(({ id }) => id)).toEqual(['8:2'])
  })

  test('a writable image counts, a read-only one does not', () => {
    const mounts = parseMountinfo(
      '30 1 7:3 / /overlay rw - f2fs /dev/loop3 rw\n31 30 7:4 / /opt/app ro - ext4 /dev/loop4 ro\n',
    )
    expect(localDisks(mounts).map(({ id }) => id)).toEqual(['7:3'])
  })
})

describe('use of a disk', () => {
  test('three data sets of one pool of 500 GB are 500 GB', () => {
    const use = diskUse([dataset(20, 350), dataset(100, 350), dataset(30, 350)])
    expect(use).toEqual({ used: 150 * GB, size: 500 * GB, percent: 30 })
  })

  test('a pool that is 99 % full is, although most of its data sets are nearly empty', () => {
    const use = diskUse([dataset(0.06, 5), dataset(494.9, 5), dataset(0.04, 5)])
    expect(use).toEqual({ used: 495 * GB, size: 500 * GB, percent: 99 })
  })

  test('a data set that fills its quota is full', () => {
    expect(diskUse([dataset(20, 480), dataset(10, 0)])?.percent).toBe(100)
  })

  test('what is reserved for root is neither used nor free', () => {
    expect(diskUse([{ size: 100, free: 30, available: 10 }])).toEqual({ used: 70, size: 100, percent: 87.5 })
  })

  test('a file system without a size is none', () => {
    expect(diskUse([{ size: 0, free: 0, available: 0 }])).toBeUndefined()
  })
})
