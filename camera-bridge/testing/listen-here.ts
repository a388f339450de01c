import { createLogger } from '@ioc/runtime/logger.ts'
import { AnnouncementListener } from '../onvif/announcement-listener.ts'
import { defaultDiscovery, ownAddresses } from '../onvif/discovery.ts'

/** Prints `ready`, and a line for each announcement of a camera in the network namespace in which it runs. */
const { group, port } = defaultDiscovery
const listener = new AnnouncementListener(
  { group, port, interfaces: ownAddresses },
  (one, from) => process.stdout.write(`${one.kind} ${one.kind === 'hello' ? one.camera.onvif : ''} ${from}\n`),
  createLogger('camera-bridge', { logLevel: 'silent' }),
)
await listener.start()
process.stdout.write('ready\n')
