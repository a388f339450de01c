/** One line of `/proc/net/dev`. */
export interface Counters {
  readonly name: string
  readonly rx: number
  readonly tx: number
}

/** What `/sys/class/net/<name>/` tells of an interface. */
export interface Link {
  readonly name: string
  /** Differs after an interface went and came back under the same name. */
  readonly index: number
  /** Index of the interface at the other end of a veth pair, or below a VLAN or macvlan; else its own. */
  readonly peer: number
  /** Has hardware, or a hypervisor's device, behind it: `device` exists. */
  readonly physical: boolean
  /** Belongs to a bridge, bond or team: `master` exists. */
  readonly enslaved: boolean
  /** Interfaces that carry its bytes: `lower_<name>`. */
  readonly lower: readonly string[]
  /** `DEVTYPE` of `uevent`, as `bridge`, `wireguard`, `vlan`, `wlan`; empty for none. */
  readonly kind: string
  /** A tun or tap device: `tun_flags` exists. */
  readonly tunnel: boolean
}

/** Parses `/proc/net/dev`. */
export function parseNetDev(text: string): Counters[] {
  return text.split('\n').flatMap((line) => {
    // A name may hold a colon, and the counters follow the last one without a space on old kernels.
    const [, name, counters] = /^\s*(\S+):\s*(\d[\d\s]*)$/.exec(line) ?? []
    if (name === undefined || counters === undefined) return []
    const numbers = counters.trim().split(/\s+/).map(Number)
    return [{ name, rx: numbers[0] ?? Number.NaN, tx: numbers[8] ?? Number.NaN }]
  })
}

/**
 * The interfaces whose sum counts every byte of the machine's traffic once. Physical ones carry whatever bridges, bonds,
 * VLANs, macvlans, tunnels and containers send. Without any, as in a container: the ends of links that lead out of the
 * machine; without those, what carries bytes and is carried by nothing else. What is still there after that is all there is.
 */
export function countedInterfaces(links: readonly Link[]): Link[] {
  const outer = links.filter(({ name }) => name !== 'lo')
  const steps: readonly ((link: Link) => boolean)[] = [
    // A switch port has a device of its own above the one that the processor is attached to.
    (link) => link.physical && isBottom(link, links),
    (link) => isBottom(link, links) && !link.enslaved && !isInner(link) && !isPairedHere(link, links),
    (link) => isBottom(link, links) && !isInner(link),
    (link) => isBottom(link, links),
  ]
  for (const step of steps) {
    const counted = outer.filter(step)
    if (counted.length > 0) return counted
  }
  return outer
}

function isBottom({ lower }: Link, links: readonly Link[]): boolean {
  return !lower.some((name) => links.some((link) => link.name === name))
}

/** A bridge without a port that is seen, a tunnel, or what the kernel only redirects through. */
function isInner({ kind, tunnel, name }: Link): boolean {
  return tunnel || kind === 'bridge' || kind === 'wireguard' || /^(ifb|dummy|tunl|sit|gre|ip6tnl|teql)\d/.test(name)
}

/** Both ends of a veth pair are on this machine: its bytes do not leave it. */
function isPairedHere({ index, peer }: Link, links: readonly Link[]): boolean {
  return peer !== index && links.some((other) => other.index === peer && other.peer === index)
}
