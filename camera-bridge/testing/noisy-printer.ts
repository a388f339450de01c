import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { DiscoveryResponder } from '@ioc/simulator/onvif-camera/discovery-responder.ts'

/**
 * A printer that answers probes of WS-Discovery as what it is, and something beside it that sends random datagrams to whoever
 * asks first. Runs in a network namespace of a test: `node noisy-printer.ts ADDRESS DATAGRAMS`; prints `ready`.
 */
const [address = '', datagrams = '0'] = process.argv.slice(2)
const port = 3702
const printer = new DiscoveryResponder({
  reference: 'urn:uuid:4509a320-00a0-008f-00b6-002507510eca',
  types: 'wsdp:Device pri:PrintDeviceType',
  scopes: ['ldap:///ou=printers'],
  addresses: [`http://${address}:5357/printer`],
})
await printer.start(port, address)
const noise = createSocket({ type: 'udp4', reuseAddr: true })
let left = Number(datagrams)
noise.on('message', (_message, from) => {
  const send = () => {
    for (let n = 0; n < 20 && left > 0; n++, left--) noise.send(randomBytes(200), from.port, from.address)
    if (left > 0) setImmediate(send)
  }
  send()
})
noise.bind(port, () => {
  noise.addMembership('239.255.255.250', address)
  process.stdout.write('ready\n')
})
