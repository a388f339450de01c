import type { SiteKind } from '@ioc/contract/district/site-kinds.ts'
import { fluAt } from '../flu.ts'
import { hourMs, startOf } from '../local-time.ts'
import type { Model } from '../model.ts'
import { keyOf, poisson, uniform, wave } from '../noise.ts'
import { clamp } from '../numbers.ts'
import { officeOf } from '../office.ts'
import { peopleNear, peopleOfArea } from '../population.ts'
import { daily, forKinds } from '../sources.ts'

/** Share of the people that go to it, pupils of a class, teachers of a class, and drop-outs of a thousand pupils a year. */
const levels = {
  kindergarten: { level: 'kindergarten', share: 0.042, perClass: 26, teachers: 1.9, dropouts: 0 },
  primary_school: { level: 'primary', share: 0.088, perClass: 31, teachers: 1.4, dropouts: 0.1 },
  lower_secondary_school: { level: 'lower_secondary', share: 0.066, perClass: 37, teachers: 1.9, dropouts: 0.6 },
  upper_secondary_school: { level: 'upper_secondary', share: 0.034, perClass: 40, teachers: 2.2, dropouts: 0.8 },
} as const satisfies Partial<Record<SiteKind, unknown>>
const schoolDays = 175

const isSchool = (kind: SiteKind | undefined): kind is keyof typeof levels => kind !== undefined && kind in levels

/** Attendance, sent in the afternoon of each school day. */
export const schoolModel: Model = {
  name: 'school',
  sources: forKinds(Object.keys(levels) as SiteKind[], (site, world) => {
    if (!isSchool(site.kind)) return []
    const { level, share, perClass, teachers: teachersPerClass, dropouts } = levels[site.kind]
    const key = keyOf(world.seed, 'school', site.site)
    const office = officeOf(world.calendar)
    const people = site.kind === 'upper_secondary_school' ? peopleOfArea(site) : peopleNear(site)
    const pupils = Math.round(people * share * (0.92 + 0.16 * uniform(key, -1)))
    const classes = Math.max(1, Math.round(pupils / perClass))
    const teachers = Math.round(classes * teachersPerClass)
    return [
      daily(site, {
        type: 'school',
        device: 'school',
        hour: 15,
        has: office.isSchool,
        report(day) {
          const morning = startOf(day) + 7 * hourMs
          const sickShare = 0.009 + 0.003 * wave(key, morning, 9 * 24 * hourMs) + 0.24 * fluAt(site, world, morning)
          const sick = Math.min(pupils, poisson(key, day * 4, pupils * sickShare))
          const away = Math.min(pupils - sick, poisson(key, day * 4 + 1, pupils * 0.007))
          const teachersAway = Math.min(teachers, poisson(key, day * 4 + 2, teachers * 0.004))
          return {
            school_level: level,
            classes,
            pupils,
            present: clamp(pupils - sick - away, 0, pupils),
            absent_sick: sick,
            dropouts: poisson(key, day * 4 + 3, (pupils * dropouts) / 1000 / schoolDays),
            teachers,
            teachers_present: teachers - teachersAway,
          }
        },
      }),
    ]
  }),
}
