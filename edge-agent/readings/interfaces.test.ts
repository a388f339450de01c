import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { countedInterfaces, type Link, parseNetDev } from './interfaces.ts'
import { sampleOf, trafficBetween } from './network.ts'

let lastIndex = 0

function link(name: string, facts: Partial<Link> = {}): Link {
  const index = ++lastIndex
  return { name, index, peer: index, physical: false, enslaved: false, lower: [], kind: '', tunnel: false, ...facts }
}

const lo = link('lo')
const eth0 = link('eth0', { physical: true })
const docker0 = link('docker0', { kind: 'bridge' })
/** One end of a veth pair whose other end is in a container. */
const elsewhere = 9_999

describe('interfaces that count', () => {
  test.each<[machine: string, links: readonly Link[], counted: readonly string[]]>([
    ['a server', [lo, eth0, link('wlan0', { physical: true, kind: 'wlan' })], ['eth0', 'wlan0']],
    [
      'a host of containers and virtual machines',
      [
        lo,
        link('enp1s0', { physical: true, enslaved: true }),
        link('br0', { kind: 'bridge', lower: ['enp1s0', 'vnet0'] }),
        link('vnet0', { tunnel: true, enslaved: true }),
        docker0,
        link('veth1a', { peer: elsewhere, enslaved: true }),
        link('wg0', { kind: 'wireguard' }),
      ],
      ['enp1s0'],
    ],
    [
      'a bond with VLANs and a macvlan',
      [
        lo,
        link('eno1', { physical: true, enslaved: true }),
        link('eno2', { physical: true, enslaved: true }),
        link('bond0', { kind: 'bond', lower: ['eno1', 'eno2'] }),
        link('bond0.10', { kind: 'vlan', lower: ['bond0'] }),
        link('mac0', { kind: 'macvlan', lower: ['bond0.10'] }),
      ],
      ['eno1', 'eno2'],
    ],
    [
      'a router whose switch ports are above its one processor port',
      [
        lo,
        eth0,
        link('lan1', { physical: true, kind: 'dsa', lower: ['eth0'], enslaved: true }),
        link('wan', { physical: true, kind: 'dsa', lower: ['eth0'] }),
        link('br-lan', { kind: 'bridge', lower: ['lan1', 'phy0-ap0'] }),
        link('phy0-ap0', { physical: true, kind: 'wlan', enslaved: true }),
        link('pppoe-wan', { kind: 'ppp' }),
      ],
      ['eth0', 'phy0-ap0'],
    ],
    ['a host with nothing but br-lan', [lo, link('br-lan', { kind: 'bridge' })], ['br-lan']],
    [
      'a network namespace whose address is on a bridge',
      [lo, link('br-lan', { kind: 'bridge', lower: ['v0'] }), link('v0', { peer: elsewhere, enslaved: true })],
      ['v0'],
    ],
    ['a container', [lo, link('eth0', { peer: elsewhere })], ['eth0']],
    [
      'a container with containers in it',
      [
        lo,
        link('eth0', { peer: elsewhere }),
        link('docker0', { kind: 'bridge', lower: ['veth7'] }),
        link('veth7', { peer: elsewhere + 1, enslaved: true }),
      ],
      ['eth0'],
    ],
    ['a container with a tunnel', [lo, link('eth0', { peer: elsewhere }), link('tun0', { tunnel: true })], ['eth0']],
    ['a machine that is reached through a tunnel only', [lo, link('tun0', { tunnel: true })], ['tun0']],
    ['a machine with loopback alone', [lo], []],
  ])('of %s', (_, links, counted) => {
    expect(countedInterfaces(links).map(({ name }) => name)).toEqual(counted)
  })
})

test('counters of /proc/net/dev are read, in whichever way they are spaced', () => {
  const text = readFileSync(new URL('../testing/machines/openwrt.netdev', import.meta.url), 'utf8')
  const counters = parseNetDev(text)
  expect(counters.map(({ name }) => name)).toEqual(['lo', 'eth0', 'lan1', 'wan', 'br-lan', 'phy0-ap0', 'pppoe-wan'])
  expect(counters[1]).toEqual({ name: 'eth0', rx: 9_000_000, tx: 7_000_000 })
  expect(parseNetDev('  eth0:123 1 0 0 0 0 0 0 456 1 0 0 0 0 0 0\n')).toEqual([{ name: 'eth0', rx: 123, tx: 456 }])
})

describe('traffic between two samples', () => {
  const wlan0 = link('wlan0', { physical: true })
  const sample = (...counters: [facts: Link, rx: number, tx: number][]) =>
    sampleOf(
      counters.map(([{ name }, rx, tx]) => ({ name, rx, tx })),
      counters.map(([facts]) => facts),
    )

  test('adds up what each interface moved', () => {
    const traffic = trafficBetween(sample([eth0, 100, 10], [wlan0, 5, 5]), sample([eth0, 150, 30], [wlan0, 6, 7]))
    expect(traffic).toEqual({ rx: 51, tx: 22 })
  })

  test('an interface that comes back brings none of what it counted before', () => {
    const without = sample([wlan0, 5, 5])
    const back = sample([eth0, 4e9, 3e9], [wlan0, 6, 6])
    expect(trafficBetween(without, back)).toEqual({ rx: 1, tx: 1 })
    expect(trafficBetween(back, without)).toBeUndefined()
  })

  test('counters that started over give nothing, also where they are higher than before', () => {
    expect(trafficBetween(sample([eth0, 100, 10]), sample([eth0, 50, 10]))).toBeUndefined()
    const replugged = { ...eth0, index: eth0.index + 100 }
    expect(trafficBetween(sample([eth0, 100, 10]), sample([replugged, 5_000, 5_000]))).toBeUndefined()
  })

  test('an interface that was only just found gives nothing', () => {
    expect(trafficBetween(sample(), sample([eth0, 100, 10]))).toBeUndefined()
  })
})
