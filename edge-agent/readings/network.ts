import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { type Counters, countedInterfaces, type Link, parseNetDev } from './interfaces.ts'
import { portable } from './portable.ts'

/** Counters of the interfaces that count, each under a key that is another one after the interface was replaced. */
export type NetworkSample = ReadonlyMap<string, { readonly rx: number; readonly tx: number }>

/** The name of an interface, of its key in a sample. */
export const interfaceOf = (key: string): string => key.split('/', 1)[0] ?? key

/** Bytes between two samples. `undefined` where no interface is in both with counters that did not start over. */
export function trafficBetween(before: NetworkSample, now: NetworkSample): { rx: number; tx: number } | undefined {
  const sum = { rx: 0, tx: 0 }
  let compared = 0
  for (const [key, { rx, tx }] of now) {
    const last = before.get(key)
    if (!last || rx < last.rx || tx < last.tx) continue
    compared += 1
    sum.rx += rx - last.rx
    sum.tx += tx - last.tx
  }
  return compared > 0 ? sum : undefined
}

/** Counters of the interfaces that `countedInterfaces` selects. */
export function sampleOf(counters: readonly Counters[], links: readonly Link[]): NetworkSample {
  const byName = new Map(counters.map((each) => [each.name, each]))
  return new Map(
    countedInterfaces(links).flatMap(({ name, index }) => {
      const found = byName.get(name)
      return found ? [[`${name}/${index}`, found] as const] : []
    }),
  )
}

/** Reads this machine's counters. @param root where `/proc` and `/sys` are */
export async function readNetwork(platform = process.platform, root = '/'): Promise<NetworkSample> {
  if (platform !== 'linux') return readPortably()
  const counters = parseNetDev(await readFile(join(root, 'proc/net/dev'), 'utf8'))
  const links = await Promise.all(counters.map(({ name }) => readLinkFacts(join(root, 'sys/class/net', name), name)))
  return sampleOf(counters, links)
}

async function readLinkFacts(folder: string, name: string): Promise<Link> {
  const text = (file: string) => readFile(join(folder, file), 'utf8').catch(() => '')
  const [entries, device, index, peer, uevent] = await Promise.all([
    readdir(folder).catch((): string[] => []),
    readlink(join(folder, 'device')).catch(() => ''),
    text('ifindex'),
    text('iflink'),
    text('uevent'),
  ])
  return {
    name,
    index: Number(index),
    peer: Number(peer),
    physical: device !== '',
    enslaved: entries.includes('master'),
    lower: entries.filter((entry) => entry.startsWith('lower_')).map((entry) => entry.slice('lower_'.length)),
    kind: /^DEVTYPE=(.*)$/m.exec(uevent)?.[1] ?? '',
    tunnel: entries.includes('tun_flags'),
  }
}

/** Whether each interface is up, by its name. Virtual ones may carry bytes and report no state: they are left out. */
export async function readLinkStates(
  names: readonly string[],
  platform = process.platform,
  root = '/',
): Promise<ReadonlyMap<string, boolean>> {
  const states = platform === 'linux' ? await statesOnLinux(names, root) : await portableStates()
  return new Map(states.filter(([, state]) => state !== 'unknown').map(([name, state]) => [name, state === 'up']))
}

function statesOnLinux(names: readonly string[], root: string): Promise<[name: string, state: string][]> {
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(root, 'sys/class/net', name, 'operstate'), 'utf8').catch(() => 'unknown')
      return [name, text.trim()]
    }),
  )
}

async function portableStates(): Promise<[name: string, state: string][]> {
  const interfaces = await (await portable()).networkInterfaces()
  return [interfaces].flat().map(({ iface, operstate }) => [iface, operstate])
}

/** Loopback, and bridges of containers and virtual machines, by the names that other systems give them. */
const innerName = /^(lo\d*|bridge\d+|utun\d+|awdl\d+|llw\d+|vEthernet.*|Loopback.*)$/

async function readPortably(): Promise<NetworkSample> {
  const interfaces = await (await portable()).networkStats('*')
  return new Map(
    interfaces
      .filter(({ iface }) => !innerName.test(iface))
      .map(({ iface, rx_bytes, tx_bytes }) => [iface, { rx: rx_bytes, tx: tx_bytes }]),
  )
}
