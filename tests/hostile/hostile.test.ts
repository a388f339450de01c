import { rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { runHostile } from './run.ts'

/** Each kind of attack once; `npm run test:hostile` repeats them for an hour. */
const seconds = Number(process.env['IOC_HOSTILE_SECONDS'] ?? 0)
const seed = Number(process.env['IOC_HOSTILE_SEED'] ?? 14_592_019)

test(`under attack nobody else loses a point, and no process ends (seed ${seed})`, async () => {
  const { problems, points, dataDir } = await runHostile(seconds, seed, () => undefined)
  expect(problems).toEqual([])
  expect(points).toBeGreaterThan(1000)
  rmSync(dataDir, { recursive: true, force: true })
})
