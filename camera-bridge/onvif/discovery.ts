import { randomUUID } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { isIocError } from '@ioc/contract/errors.ts'
import { type Element, elementsAt, parseXml, textAt } from './soap.ts'

/** A camera that answered. It is offered, and added by a person. */
export interface DiscoveredCamera {
  /** What the camera names itself by, without `urn:uuid:`. */
  readonly reference: string
  /** Its device service, at the address from which the answer came. */
  readonly onvif: string
  readonly name: string | undefined
  readonly hardware: string | undefined
}

export interface Discovery {
  readonly cameras: readonly DiscoveredCamera[]
  /** Answers that were of no camera, or not readable. */
  readonly ignored: number
}

export interface DiscoverySettings {
  /** IPv4 addresses of this machine from which probes are sent. */
  readonly interfaces: readonly string[]
  readonly group: string
  readonly port: number
  readonly listenMs: number
}

/** Times of the probes, as WS-Discovery repeats what may get lost, in ms. */
const probesAtMs = [0, 250, 750]
/** Routers that a probe may pass. */
const maxHops = 4
/** Cameras of one discovery, and longest datagram that is read, in bytes. */
const maxCameras = 1_000
const maxDatagramBytes = 65_536

/** Types that cameras listen for; some answer only to one of them, or only to none. */
const probedTypes = [
  ['dn:NetworkVideoTransmitter', 'xmlns:dn="http://www.onvif.org/ver10/network/wsdl"'],
  ['tds:Device', 'xmlns:tds="http://www.onvif.org/ver10/device/wsdl"'],
  ['', ''],
] as const

export const defaultDiscovery = {
  group: '239.255.255.250',
  port: 3702,
  listenMs: 5_000,
} as const

/** IPv4 addresses of this machine but loopback. */
export function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).flatMap(({ family, internal, address }) => (family === 'IPv4' && !internal ? [address] : [])),
  )
}

/**
 * Asks for cameras with WS-Discovery from each interface by itself, since a machine would send a multicast from one alone. No
 * address is scanned. Whatever else answers is ignored and counted.
 */
export async function discover(settings: DiscoverySettings, signal: AbortSignal): Promise<Discovery> {
  const sent = new Set<string>()
  const found = new Map<string, DiscoveredCamera>()
  let ignored = 0
  const take = (message: Buffer, from: string) => {
    const cameras = message.length > maxDatagramBytes ? [] : camerasOf(message.toString('utf8'), from, sent)
    if (cameras.length === 0) ignored += 1
    for (const camera of cameras) {
      if (!found.has(camera.reference) && found.size < maxCameras) found.set(camera.reference, camera)
    }
  }
  const sockets = await Promise.all(settings.interfaces.map((address) => openSocket(address, take)))
  try {
    let before = 0
    for (const at of probesAtMs) {
      await sleep(at - before, undefined, { signal })
      before = at
      for (const socket of sockets)
        for (const [types, namespace] of probedTypes) probe(socket, settings, types, namespace, sent)
    }
    await sleep(Math.max(0, settings.listenMs - before), undefined, { signal })
  } finally {
    for (const socket of sockets) socket.close()
  }
  return { cameras: [...found.values()].toSorted((a, b) => a.onvif.localeCompare(b.onvif)), ignored }
}

async function openSocket(address: string, take: (message: Buffer, from: string) => void): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  socket.on('message', (message, from) => take(message, from.address))
  socket.bind(0, address)
  await once(socket, 'listening')
  // An interface that goes away, or cannot multicast, leaves the others as they are.
  socket.on('error', () => undefined)
  socket.setMulticastInterface(address)
  socket.setMulticastTTL(maxHops)
  return socket
}

function probe(
  socket: Socket,
  { group, port }: DiscoverySettings,
  types: string,
  namespace: string,
  sent: Set<string>,
): void {
  const id = `uuid:${randomUUID()}`
  sent.add(id)
  const text =
    '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" ' +
    'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"><s:Header>' +
    '<a:Action s:mustUnderstand="1">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>' +
    `<a:MessageID>${id}</a:MessageID><a:ReplyTo><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo>` +
    '<a:To s:mustUnderstand="1">urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header><s:Body>' +
    `<Probe xmlns="http://schemas.xmlsoap.org/ws/2005/04/discovery">${types === '' ? '' : `<Types ${namespace}>${types}</Types>`}</Probe>` +
    '</s:Body></s:Envelope>'
  socket.send(text, port, group)
}

/** The cameras of one answer to a probe of ours; none of what is anything else. */
function camerasOf(text: string, from: string, sent: ReadonlySet<string>): DiscoveredCamera[] {
  const envelope = tryParse(text)
  const relatesTo = textAt(envelope, 'Envelope', 'Header', 'RelatesTo')
  if (relatesTo === undefined || !sent.has(relatesTo)) return []
  const [body] = elementsAt(envelope, 'Envelope', 'Body')
  // Some devices leave the list out around their one match.
  const matches = [...elementsAt(body, 'ProbeMatches', 'ProbeMatch'), ...elementsAt(body, 'ProbeMatch')]
  return matches.flatMap((match) => cameraOf(match, from) ?? [])
}

/** An unsolicited message of WS-Discovery: a device joins the network (`Hello`) or leaves it (`Bye`). */
export type Announcement = { readonly kind: 'hello'; readonly camera: DiscoveredCamera } | { readonly kind: 'bye' }

/**
 * Parses the announcement in a datagram. Returns undefined where there is none, where a `Hello` is not of a camera, and where the
 * address in it differs from that of its sender: anybody on the network may send one.
 */
export function announcementOf(text: string, from: string): Announcement | undefined {
  const [body] = elementsAt(tryParse(text), 'Envelope', 'Body')
  if (elementsAt(body, 'Bye').length > 0) return { kind: 'bye' }
  const [hello] = elementsAt(body, 'Hello')
  const camera = hello === undefined ? undefined : cameraOf(hello, from)
  return camera && new URL(camera.onvif).hostname === from ? { kind: 'hello', camera } : undefined
}

/** Undefined where the element describes no camera, or none that can be reached. */
function cameraOf(element: Element, from: string): DiscoveredCamera | undefined {
  const types = (textAt(element, 'Types') ?? '').split(/\s+/).map((type) => type.slice(type.indexOf(':') + 1))
  const reference = textAt(element, 'EndpointReference', 'Address')?.replace(/^urn:uuid:/i, '')
  const scopes = (textAt(element, 'Scopes') ?? '').split(/\s+/)
  // A device of the type that all share is a camera if its scopes are of ONVIF.
  const isCamera =
    types.includes('NetworkVideoTransmitter') ||
    (types.includes('Device') && scopes.some((scope) => scope.startsWith('onvif://')))
  const onvif = addressOf(textAt(element, 'XAddrs') ?? '', from)
  if (!isCamera || reference === undefined || onvif === undefined) return undefined
  return { reference, onvif, name: scopeOf(scopes, 'name'), hardware: scopeOf(scopes, 'hardware') }
}

function tryParse(text: string): Element | undefined {
  try {
    return parseXml(text)
  } catch (error) {
    if (isIocError(error)) return undefined
    throw error
  }
}

/** The address of the interface that answered, else the first that can be reached: IPv6 and link-local ones come last. */
function addressOf(text: string, from: string): string | undefined {
  const urls = text.split(/\s+/).flatMap((one) => URL.parse(one) ?? [])
  const usable = urls.filter(({ protocol }) => /^https?:$/.test(protocol))
  const rank = ({ hostname }: URL) => (hostname === from ? 0 : /^\[|^169\.254\./.test(hostname) ? 2 : 1)
  return usable.toSorted((a, b) => rank(a) - rank(b))[0]?.href
}

function scopeOf(scopes: readonly string[], kind: string): string | undefined {
  const prefix = `onvif://www.onvif.org/${kind}/`
  const found = scopes.find((scope) => scope.startsWith(prefix))
  if (found === undefined) return undefined
  try {
    return decodeURIComponent(found.slice(prefix.length))
  } catch {
    return found.slice(prefix.length)
  }
}
