import { runCase } from './run.ts'

/** A run as a process of its own: its memory is its own, and it has one core. */
process.once('message', async ({ name, keys, seconds }: { name: string; keys: number; seconds: number }) => {
  process.send?.(await runCase(name, keys, seconds))
  process.disconnect()
})
