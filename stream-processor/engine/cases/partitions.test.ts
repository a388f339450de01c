import fc from 'fast-check'
import { describe, test } from 'vitest'
import {
  allWindows,
  dayMs,
  expectOracle,
  history,
  latenessMs,
  newOutput,
  note,
  quarterMs,
  runs,
  type Step,
  t0,
  takeOne,
  versionOf,
  type Word,
} from '../../testing/case-history.ts'
import type { OracleVersion } from '../../testing/cases-oracle.ts'
import type { CaseClaim } from './case-point.ts'
import { Cases } from './cases.ts'

/** Partitions hold the cases of different sites, and know each other. */
function createPartitions(sites: readonly string[]): Map<string, Cases> {
  const all = sites.map((site) => [site, new Cases(allWindows, { latenessMs })] as const)
  for (const [, one] of all) one.setPeers(all.map(([, other]) => other).filter((other) => other !== one))
  return new Map(all)
}

describe('partitions', () => {
  test('say together of areas and of the district what all cases say', () => {
    const play = (steps: readonly Step[]) => {
      const partitions = createPartitions(['site-1', 'site-2'])
      const points = new Map<string, Word>()
      const taken: OracleVersion[] = []
      let clock = t0
      const forAll = (act: (one: Cases, out: ReturnType<typeof newOutput>) => void): void => {
        for (const one of partitions.values()) {
          const out = newOutput()
          act(one, out)
          note(points, out)
        }
      }
      forAll((one, out) => one.advance(t0, out))
      for (const step of [...steps, { kind: 'advance', quarters: 1 } as const]) {
        if (step.kind === 'take') {
          const version = versionOf(step.draft, clock)
          taken.push({ ...version, takenAt: clock })
          takeOne(partitions.get(version.site) as Cases, version as CaseClaim, clock)
        } else if (step.kind === 'advance') {
          clock += step.quarters * quarterMs
          forAll((one, out) => one.advance(clock, out))
        }
      }
      forAll((one, out) => one.flush(out))
      expectOracle(allWindows, { points, taken, span: { fromMs: t0 - latenessMs, toMs: clock, latenessMs } })
    }
    fc.assert(fc.property(history(dayMs), play), runs)
  })
})
