import { type ThingId, thingId } from '@ioc/contract/messages/incidents.ts'
import { propertyRuns } from '@ioc/runtime/testing/property-runs.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { GraphEntry } from './graph.ts'
import { causeOf } from './state.ts'
import { expectedLosses, type Losses } from './testing/oracle.ts'
import { holdMs, hour, minute, second, Watch } from './testing/watch.ts'

/** Upstreams that depend on earlier ones, sites on one or two of them, nodes and devices, some with two gateways. */
const topology: fc.Arbitrary<GraphEntry[]> = fc
  .record({
    upstreams: fc.array(fc.nat(3), { maxLength: 3 }),
    sites: fc.array(
      fc.record({
        on: fc.array(fc.nat(3), { maxLength: 2 }),
        nodes: fc.array(fc.record({ devices: fc.nat(5), second: fc.boolean() }), { minLength: 1, maxLength: 3 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map(({ upstreams, sites }) => {
    const upstreamId = (index: number) => thingId('upstream', `u${index}`)
    const entries: GraphEntry[] = [{ thing: 'centre/link', parents: [] }]
    upstreams.forEach((on, index) => {
      entries.push({ thing: upstreamId(index), parents: [on < index ? upstreamId(on) : 'centre/link'] })
    })
    sites.forEach(({ on, nodes }, at) => {
      const site = `s${at}`
      const parents = [...new Set(on.filter((index) => index < upstreams.length).map(upstreamId))]
      entries.push({ thing: thingId('site', site), parents: parents.length > 0 ? parents : ['centre/link'], site })
      nodes.forEach(({ devices, second: hasSecond }, n) => {
        entries.push({ thing: thingId('node', `${site}/n${n}`), parents: [thingId('site', site)], site })
        for (let d = 0; d < devices; d++) {
          const gateways = hasSecond && n > 0 ? [n, n - 1] : [n]
          entries.push({
            thing: thingId('device', `${site}/n${n}d${d}`),
            parents: gateways.map((gateway) => thingId('node', `${site}/n${gateway}`)),
            site,
          })
        }
      })
    })
    return entries
  })

type Action = { readonly do: string; readonly pick: number; readonly ms: number }
const weights = {
  ...{ lose: 8, recover: 5, pass: 8, restart: 2, ahead: 1, back: 1 },
  ...{ acknowledge: 2, resolve: 1, note: 1, maintain: 1, shelve: 1, stuck: 1, flap: 2, storm: 1 },
}
const action: fc.Arbitrary<Action> = fc.record({
  do: fc.oneof(...Object.entries(weights).map(([name, weight]) => ({ weight, arbitrary: fc.constant(name) }))),
  pick: fc.nat(1_000),
  ms: fc.integer({ min: second, max: 12 * minute }),
})

/** Plays actions, and checks after each what must hold at every moment. */
class Play {
  readonly watch: Watch
  readonly own = new Map<ThingId, number>()
  readonly #entries: readonly GraphEntry[]
  #stuck = new Set<ThingId>()

  constructor(entries: readonly GraphEntry[]) {
    this.#entries = entries
    this.watch = new Watch(entries)
  }

  act({ do: name, pick, ms }: Action): void {
    const { watch, own } = this
    const losable = this.#entries.map(({ thing }) => thing).filter((thing) => !/^(site|centre)/.test(thing))
    const thing = losable[pick % losable.length] as ThingId
    const id = 1 + (pick % Math.max(watch.state.lastId, 1))
    switch (name) {
      case 'lose':
        if (!own.has(thing)) own.set(thing, watch.now)
        watch.observe(thing, 'silent', { since: own.get(thing) as number })
        break
      case 'recover': {
        const lost = [...own.keys()][pick % Math.max(own.size, 1)]
        if (lost === undefined) break
        own.delete(lost)
        watch.observe(lost, null)
        break
      }
      case 'pass':
        this.pass(ms)
        break
      case 'restart':
        watch.restart()
        break
      case 'ahead':
        watch.now += ms * 60
        break
      case 'back':
        watch.now -= ms * 60
        watch.do({ kind: 'tick' })
        break
      case 'acknowledge':
        watch.do({ kind: 'acknowledge', by: 'lan', id, until: watch.now + ms, note: '' })
        break
      case 'resolve':
        watch.do({ kind: 'resolve', by: 'lan', id })
        break
      case 'note':
        watch.do({ kind: 'note', by: 'lan', id, text: 'x' })
        break
      case 'maintain': {
        const covers = { devices: [thing.slice(thing.indexOf('/') + 1)], sites: [`s${pick % 4}`] }
        const window = { id: `w${pick}`, reason: '', by: 'lan', covers, from: watch.now, to: watch.now + ms }
        watch.do({ kind: 'maintain', by: 'lan', window })
        break
      }
      case 'shelve':
        watch.do({ kind: 'shelve', by: 'lan', cause: `${thing}#loss`, reason: '', until: watch.now + ms })
        break
      case 'stuck':
        this.#toggleStuck(thing)
        break
      case 'flap':
        // An even number of changes: it is as it was.
        for (let change = 0; change < 16; change++) {
          this.#toggleStuck(thing)
          this.pass(minute)
        }
        break
      case 'storm':
        for (const one of losable) this.#toggleStuck(one)
        this.pass(2 * holdMs)
        this.checkBundled()
        break
    }
    this.check()
  }

  #toggleStuck(thing: ThingId): void {
    const isStuck = !this.#stuck.delete(thing)
    if (isStuck) this.#stuck.add(thing)
    this.watch.observe(thing, isStuck ? 'stuck' : null, { aspect: 'stuck' })
  }

  /** While a storm lasts, a site has one message. */
  checkBundled(): void {
    const { sent, state } = this.watch
    if (state.storm.since === null) return
    const since = sent.findLastIndex(({ kind }) => kind === 'storm_over') + 1
    const bundles = sent.slice(since).flatMap(({ kind, site }) => (kind === 'storm' ? [site] : []))
    expect(new Set(bundles).size, 'one message of a site in a storm').toBe(bundles.length)
  }

  pass(ms: number): void {
    for (let left = ms; left > 0; left -= 15 * second) {
      this.watch.now += Math.min(left, 15 * second)
      this.watch.do({ kind: 'tick' })
    }
  }

  /** Ends what holds incidents, and waits until everything has had its time. */
  settle(): void {
    const { watch } = this
    for (const { id } of watch.state.windows.values()) watch.do({ kind: 'end_maintenance', by: 'lan', id })
    for (const cause of watch.state.shelves.keys()) watch.do({ kind: 'unshelve', by: 'lan', cause })
    this.pass(hour)
    this.check()
  }

  check(): void {
    const { watch } = this
    const active = watch.active.map(causeOf)
    expect(new Set(active).size, 'one incident of a cause').toBe(active.length)
    for (const { cause, present, flapping, byHand, state, aspect } of watch.active) {
      expect(present || flapping, `${cause} is active, and there or flapping`).toBe(true)
      expect(byHand, `${state} by hand`).toBe(false)
      if (aspect === 'stuck') expect(this.#stuck.has(cause) || flapping).toBe(true)
    }
    expect(watch.state.notices.size, 'notices are handed over').toBe(0)
    expect({ ...watch.folded(), now: 0 }, 'the fold of the journal is the state').toEqual({ ...watch.state, now: 0 })
  }

  checkSettled(): void {
    const { watch } = this
    const { roots, gone } = expectedLosses(this.#entries, this.own as Losses)
    expect(watch.state.storm.since, 'a storm ends').toBeNull()
    expect(
      watch.active.filter(({ flapping }) => flapping),
      'what is calm does not flap',
    ).toEqual([])
    const losses = watch.active.filter(({ aspect }) => aspect === 'loss')
    expect(new Set(losses.map(({ cause }) => cause)), 'an incident for each root, and for nothing else').toEqual(
      new Set(roots.keys()),
    )
    const affected = new Set(losses.flatMap((incident) => [incident.cause, ...incident.affected]))
    expect(affected, 'all that is cut off is affected').toEqual(gone)
    for (const { cause, began, problem, timeline } of losses) {
      const isSimple = problem === 'silent' && timeline[0]?.text === cause && !timeline.some(changesBeginning)
      if (isSimple) expect(began, `true beginning of ${cause}`).toBe(this.own.get(cause))
    }
    const stuck = watch.active.filter(({ aspect }) => aspect === 'stuck').map(({ cause }) => cause)
    for (const thing of this.#stuck) if (!gone.has(thing)) expect(stuck).toContain(thing)
    expect(watch.state.problems.size).toBe(this.own.size + this.#stuck.size)
  }
}

const changesBeginning = ({ what }: { readonly what: string }) => what === 'reopened' || what === 'rerooted'

test('after outages, recoveries, restarts and clock jumps there is one incident for each cause, and no orphan', () => {
  fc.assert(
    fc.property(
      topology,
      fc.array(action, { minLength: 1, maxLength: 40 }),
      fc.nat(1_000),
      (entries, actions, pick) => {
        const play = new Play(entries)
        for (const one of actions) play.act(one)
        play.settle()
        play.checkSettled()
        for (const thing of [...play.own.keys()]) play.watch.observe(thing, null)
        play.own.clear()
        play.settle()
        play.checkSettled()
        const ended = [...play.watch.state.incidents.values()].filter(({ aspect }) => aspect === 'loss')
        expect(ended.every(({ state }) => state === 'closed')).toBe(true)
        for (const other of [pick, pick + 1, pick * 7]) play.act({ do: 'lose', pick: other, ms: 0 })
        play.pass(2 * holdMs)
        play.checkSettled()
      },
    ),
    { numRuns: propertyRuns(60), ...(process.env['IOC_PROPERTY_RUNS'] ? {} : { seed: 16 }) },
  )
})
