import { counterOf } from '../counter.ts'
import { bell, dayOf, hourMs, hourOf } from '../local-time.ts'
import type { Model, World } from '../model.ts'
import { type Key, keyOf, poisson, uniform, wave } from '../noise.ts'
import { round } from '../numbers.ts'
import { officeOf } from '../office.ts'
import { peopleOfArea } from '../population.ts'
import { forKinds, sensor } from '../sources.ts'

/** How much people do online in an hour, around 1 in office hours. */
function onlineCourse(world: World, ts: number): number {
  const hour = hourOf(ts)
  const work = officeOf(world.calendar).isWorking(dayOf(ts)) ? 1 : 0.35
  return 0.04 + work * (bell(hour, 9.5, 2.2) + 0.8 * bell(hour, 15, 2)) + 0.35 * bell(hour, 20.5, 1.8)
}

/** Of the same key, the same counts: `part` of them is a share that is drawn for each hour. */
function counts(key: Key, mean: (ts: number) => number) {
  const hourly = (ts: number) => poisson(key, Math.floor(ts / hourMs), mean(ts))
  const whole = counterOf(60, hourly)
  const part = (name: string, share: number) => {
    const own = keyOf(key, name)
    return counterOf(60, (ts) => {
      const count = hourly(ts)
      return Math.min(count, Math.floor(count * share + uniform(own, Math.floor(ts / hourMs))))
    })
  }
  return { whole, part }
}

/** The portal of a commune. */
export const portalModel: Model = {
  name: 'portal',
  sources: forKinds(['commune_office'], (site, world) => {
    const key = keyOf(world.seed, 'portal', site.site)
    const thousands = peopleOfArea(site) / 1000
    const visits = counterOf(60, (ts) =>
      poisson(key, Math.floor(ts / hourMs), 2.4 * thousands * onlineCourse(world, ts)),
    )
    const asked = counts(keyOf(key, 'questions'), (ts) => 0.012 * thousands * onlineCourse(world, ts))
    // Of those that are asked: a month with more answers than questions would need an explanation.
    const answered = asked.part('answered', 0.94)
    const rated = counts(keyOf(key, 'ratings'), (ts) => (world.calendar.isOpen(ts) ? 0.12 * thousands : 0))
    const satisfied = rated.part('satisfied', 0.93 + 0.05 * uniform(key, -1))
    const procedures = 340 + Math.floor(40 * uniform(key, -2))
    const published = procedures - Math.floor(3 * uniform(key, -3))
    return [
      sensor(site, world, {
        type: 'portal',
        device: 'portal',
        cadence_s: 3600,
        measure: (ts, since) => ({
          visits: visits.between(since, ts),
          questions: asked.whole.between(since, ts),
          answered: answered.between(since, ts),
          ratings: rated.whole.between(since, ts),
          ratings_satisfied: Math.min(rated.whole.between(since, ts), satisfied.between(since, ts)),
          published_procedures: published,
          procedures,
        }),
      }),
    ]
  }),
}

/** The exchange of documents of an office. */
export const documentExchangeModel: Model = {
  name: 'document_exchange',
  sources: forKinds(['commune_office'], (site, world) => {
    const key = keyOf(world.seed, 'document-exchange', site.site)
    const inOffice = (perHour: number) => (ts: number) => (world.calendar.isOpen(ts) ? perHour : 0.02)
    const sent = counts(keyOf(key, 'sent'), inOffice(3.2))
    const received = counts(keyOf(key, 'received'), inOffice(6.5))
    const failed = sent.part('failed', 0.0004)
    const signed = sent.part('signed', 0.997)
    return [
      sensor(site, world, {
        type: 'document_exchange',
        device: 'document-exchange',
        cadence_s: 3600,
        measure(ts, since) {
          const count = sent.whole.between(since, ts)
          return {
            sent: count,
            received: received.whole.between(since, ts),
            failed: Math.min(count, failed.between(since, ts)),
            signed: Math.min(count, signed.between(since, ts)),
            // Where nothing was sent there is no time of delivery.
            ...(count > 0 && {
              delay_s: round(14 + 9 * wave(key, ts, 3 * hourMs) + 4 * uniform(key, Math.floor(ts / hourMs)), 1),
            }),
          }
        },
      }),
    ]
  }),
}

/** Look-ups in the planning system. */
export const planningLookupModel: Model = {
  name: 'planning_lookup',
  sources: forKinds(['commune_office'], (site, world) => {
    const key = keyOf(world.seed, 'planning-lookup', site.site)
    const thousands = peopleOfArea(site) / 1000
    const lookups = counts(key, (ts) => 0.42 * thousands * onlineCourse(world, ts))
    const notFound = lookups.part('not-found', 0.07)
    return [
      sensor(site, world, {
        type: 'planning_lookup',
        device: 'planning-lookup',
        cadence_s: 3600,
        measure(ts, since) {
          const count = lookups.whole.between(since, ts)
          return {
            lookups: count,
            not_found: Math.min(count, notFound.between(since, ts)),
            ...(count > 0 && { response_ms: round(260 + 6 * count + 90 * wave(key, ts, 5 * hourMs)) }),
          }
        },
      }),
    ]
  }),
}
