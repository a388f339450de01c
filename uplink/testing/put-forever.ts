import { Outbox } from '../outbox/outbox.ts'
import { silent } from './silent.ts'

/** Puts one message after the other and reports each seq after its put returned, until it is killed. */
const outbox = new Outbox({ folder: process.argv[2] ?? '', maxBytes: 1e9, maxAgeMs: 1e9 }, silent)
outbox.start()
for (let n = 1; ; n++) {
  const seq = outbox.put([{ device: 'd', ts: n, values: { n } }])
  await new Promise((resolve) => process.send?.(seq, resolve))
}
