import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { escapeXml, textOf } from './soap.ts'

export interface ResponderSettings {
  /** Reference that stays, as `urn:uuid:…`. */
  readonly reference: string
  /** As `dn:NetworkVideoTransmitter`; a printer has others. */
  readonly types: string
  readonly scopes: readonly string[]
  readonly addresses: readonly string[]
  /** What the answer relates to, in place of the probe: a fault of some devices. */
  readonly relatesTo?: string
}

const group = '239.255.255.250'

/** Answers probes of WS-Discovery, as a camera or another device would. */
export class DiscoveryResponder {
  readonly #settings: ResponderSettings
  #socket: Socket | undefined
  probes = 0

  constructor(settings: ResponderSettings) {
    this.#settings = settings
  }

  /** @param port 3702 of a real device; 0: one that is free, without the multicast group */
  async start(port = 0, address = '127.0.0.1'): Promise<number> {
    const socket = createSocket({ type: 'udp4', reuseAddr: true })
    this.#socket = socket
    socket.on('message', (message, from) => {
      const text = message.toString('utf8')
      const id = textOf(text, 'MessageID')
      if (id === undefined || !text.includes('Probe')) return
      this.probes += 1
      socket.send(this.#answer(this.#settings.relatesTo ?? id), from.port, from.address)
    })
    socket.bind(port, port === 0 ? address : undefined)
    await once(socket, 'listening')
    if (port !== 0) socket.addMembership(group, address)
    return (socket.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket?.close(resolve))
    this.#socket = undefined
  }

  #answer(relatesTo: string): string {
    return envelope(
      'ProbeMatches',
      `<a:RelatesTo>${escapeXml(relatesTo)}</a:RelatesTo>`,
      `<d:ProbeMatches><d:ProbeMatch>${described(this.#settings)}</d:ProbeMatch></d:ProbeMatches>`,
    )
  }
}

/** What a device sends to the group by itself: that it is there, or that it leaves. */
export function announcement(kind: 'Hello' | 'Bye', settings: ResponderSettings): string {
  return envelope(kind, '', `<d:${kind}>${described(settings)}</d:${kind}>`)
}

function described({ reference, types, scopes, addresses }: ResponderSettings): string {
  return (
    `<a:EndpointReference><a:Address>${escapeXml(reference)}</a:Address></a:EndpointReference>` +
    `<d:Types>${types}</d:Types><d:Scopes>${scopes.map(escapeXml).join(' ')}</d:Scopes>` +
    `<d:XAddrs>${addresses.map(escapeXml).join(' ')}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>`
  )
}

function envelope(action: string, header: string, body: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" ' +
    'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" ' +
    `xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header>${header}` +
    `<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/${action}</a:Action></s:Header><s:Body>${body}</s:Body></s:Envelope>`
  )
}
