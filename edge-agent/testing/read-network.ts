import { createInterface } from 'node:readline'
import { readNetwork } from '../readings/network.ts'

/** Answers each line on standard input with a sample of the network namespace that it runs in. */
for await (const _ of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify([...(await readNetwork())])}\n`)
}
