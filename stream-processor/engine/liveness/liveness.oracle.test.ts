import { propertyRuns } from '@ioc/runtime/testing/property-runs.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { connectionOf, livenessOf, livingEngine, nodesOf, statusOf, telemetryOf } from '../../testing/liveness.ts'
import { intervalsOf } from './cadence.ts'

const t0 = Date.UTC(2026, 9, 12, 5)
const minute = 60_000
const slack = 5_000
const cadence_s = 600
const devices = ['a', 'b'] as const
type Name = (typeof devices)[number]

type Step =
  | {
      readonly kind: 'measure'
      readonly device: Name
      readonly value: number
      readonly ageMin: number
      readonly count: number
    }
  | { readonly kind: 'wait' | 'pause'; readonly minutes: number }
  | { readonly kind: 'birth' | 'will' | 'start' | 'restart' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('measure' as const),
      device: fc.constantFrom(...devices),
      value: fc.integer({ min: 1, max: 4 }),
      ageMin: fc.constantFrom(0, 0, 0, 5, 45, 600),
      count: fc.constantFrom(1, 2, 6, 20),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), minutes: fc.constantFrom(1, 20, 35, 90) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pause' as const), minutes: fc.constantFrom(2, 90) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('birth', 'will', 'start', 'restart' as const) }) },
)

/** The same by brute force: everything is looked at after every step, and nothing is ever restarted. */
function createOracle() {
  const heard = new Map<Name, { ts: number; value: number }[]>()
  const states = new Map<Name, { state: string; since: number }>()
  let steady = Number.NEGATIVE_INFINITY
  let node: { state: string; since: number } | undefined
  let lostAt: number | undefined
  let isLostByStart = false

  const intervals = (all: readonly { ts: number }[]) => {
    const gaps = all.slice(1).map(({ ts }, index) => ts - (all[index]?.ts ?? 0))
    return intervalsOf(cadence_s, gaps.slice(0, gaps.length - (gaps.length % 5)).slice(-20))
  }

  return {
    know(now: number) {
      for (const name of devices) if (!states.has(name)) states.set(name, { state: 'never_heard', since: now })
    },
    measure(name: Name, ts: number, value: number, now: number) {
      const all = heard.get(name) ?? []
      heard.set(name, all)
      const last = all.at(-1)
      if (last && ts <= last.ts) return
      const isGap = !last || ts - last.ts > intervals(all).lateMs
      const began = isGap ? ts : began0(name, ts)
      all.push({ ts, value })
      begins.set(name, began)
      const { lateMs, silentMs } = intervals(all)
      const { state } = states.get(name) ?? { state: 'never_heard' }
      if (state === 'measuring') return void states.set(name, { state, since: began })
      if (now <= ts + lateMs) states.set(name, { state: 'measuring', since: began })
      else if (state !== 'never_heard') states.set(name, { state, since: ts })
      else states.set(name, { state: now <= ts + silentMs ? 'late' : 'silent', since: ts })
    },
    steady(now: number) {
      steady = now
    },
    status(isUp: boolean, now: number) {
      // A will that is left over from before the start: the node may be about to reconnect.
      if (!isUp && isLostByStart) return
      lostAt = isUp ? undefined : now
      isLostByStart = false
      if (node?.state !== (isUp ? 'connected' : 'unreachable'))
        node = { state: isUp ? 'connected' : 'unreachable', since: now }
    },
    start(now: number) {
      steady = now
      if (node?.state !== 'connected') return
      lostAt = now
      isLostByStart = true
    },
    look(at: number) {
      for (const [name, { state }] of states) {
        const all = heard.get(name) ?? []
        const last = all.at(-1)
        if (!last) continue
        const { lateMs, silentMs } = intervals(all)
        const grace = steady + silentMs
        if (state !== 'silent' && at > Math.max(last.ts + silentMs, grace))
          states.set(name, { state: 'silent', since: last.ts })
        else if (state === 'measuring' && at > Math.max(last.ts + lateMs, grace))
          states.set(name, { state: 'late', since: last.ts })
      }
      if (isLostByStart && lostAt !== undefined && at >= lostAt + 5 * minute) {
        node = { state: 'unreachable', since: lostAt }
        isLostByStart = false
      }
    },
    states,
    node: () => node,
    /** Since when the value is stuck, from all that was ever measured. */
    stuck(name: Name): number | undefined {
      const all = heard.get(name) ?? []
      let from = 0
      let fault: number | undefined
      let changes = 0
      for (const [index, { ts, value }] of all.entries()) {
        const before = all[index - 1]
        const isGap = before !== undefined && ts - before.ts > intervals(all.slice(0, index)).lateMs
        const isChange = before !== undefined && before.value !== value
        if (isChange || isGap) from = index
        if (isChange && fault !== undefined && ++changes === 3) fault = undefined
        if (!isChange && !isGap) changes = 0
        const lasted = ts - (all[from]?.ts ?? 0)
        if (fault === undefined && index - from + 1 >= 12 && lasted >= 180 * minute) {
          fault = all[from]?.ts
          changes = 0
        }
      }
      return fault
    },
  }

  function began0(name: Name, ts: number): number {
    return begins.get(name) ?? ts
  }
}
const begins = new Map<Name, number>()

test('what is silent, stuck and unreachable is what a simple model says, over restarts', () => {
  const property = fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    begins.clear()
    const oracle = createOracle()
    const living = livingEngine()
    const birth = devices.map((id) => ({ id, type: 'weather', cadence_s }))
    let now = t0
    let seq = 0
    const pass = (minutes: number, isPaused: boolean) => {
      for (const end = now + minutes * minute; now < end; ) {
        now += 30_000
        living.tick(now, isPaused)
        if (isPaused) oracle.steady(now)
        oracle.look(now - slack)
      }
    }
    const bear = () => {
      living.process(connectionOf('s', 'n', now), statusOf('s', 'n', now, birth))
      oracle.status(true, now)
      oracle.know(now)
      oracle.look(now - slack)
    }
    bear()
    for (const one of steps) {
      now += 1_000
      switch (one.kind) {
        case 'measure':
          for (let index = 0; index < one.count; index++) {
            const ts = now - one.ageMin * minute
            const values = { temperature_c: one.value }
            living.process(
              telemetryOf({ site: 's', node: 'n', seq: ++seq, arrival: now }, [
                { device: one.device, ts, type: 'weather', values },
              ]),
            )
            oracle.measure(one.device, ts, one.value, now)
            oracle.look(now - slack)
            if (one.count > 1) pass(10, false)
          }
          break
        case 'wait':
        case 'pause':
          pass(one.minutes, one.kind === 'pause')
          break
        case 'birth':
          bear()
          break
        case 'will':
          living.process(statusOf('s', 'n', now), connectionOf('s', 'n', now, false))
          oracle.status(false, now)
          oracle.look(now - slack)
          break
        case 'start':
          living.process({ ...connectionOf('', '', now), site: '', node: '' })
          oracle.start(now)
          oracle.look(now - slack)
          break
        case 'restart':
          living.restart()
          break
        default:
          one satisfies never
      }
      const lives = livenessOf(living.engine)
      for (const name of devices) {
        const life = lives.get(`s/${name}`)
        expect(life).toMatchObject(oracle.states.get(name) ?? {})
        expect(life?.faults.map(({ since }) => since)[0]).toBe(oracle.stuck(name))
      }
      expect(nodesOf(living.engine).get('s/n')).toMatchObject(oracle.node() ?? {})
    }
  })
  fc.assert(property, { numRuns: propertyRuns(50) })
})
