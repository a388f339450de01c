import { defaultDiscovery, discover, ownAddresses } from '../onvif/discovery.ts'

/** What is discovered from the network namespace in which it runs, as one line of JSON. */
const settings = { ...defaultDiscovery, interfaces: ownAddresses() }
const found = await discover(settings, new AbortController().signal)
process.stdout.write(`${JSON.stringify(found)}\n`)
