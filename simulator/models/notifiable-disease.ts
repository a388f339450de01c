import { fluAt } from '../flu.ts'
import { hourMs, seasonal, startOf } from '../local-time.ts'
import type { Model } from '../model.ts'
import { keyOf, poisson, wave } from '../noise.ts'
import { peopleNear } from '../population.ts'
import { daily, forKinds } from '../sources.ts'

/**
 * Cases a day among 10,000 people over the months, and the share of them that die: about what the country reports, with some
 * 350,000 cases of flu, 170,000 of dengue and 180,000 of hand, foot and mouth disease a year of 100 million people.
 */
const diseases = [
  { name: 'Cúm', months: [0.1, 0.09, 0.08, 0.06, 0.05, 0.05, 0.05, 0.06, 0.08, 0.1, 0.12, 0.11], deadly: 0 },
  {
    name: 'Sốt xuất huyết',
    months: [0.03, 0.02, 0.02, 0.02, 0.04, 0.06, 0.08, 0.09, 0.09, 0.08, 0.07, 0.05],
    deadly: 0.002,
  },
  {
    name: 'Tay chân miệng',
    months: [0.02, 0.03, 0.04, 0.06, 0.06, 0.04, 0.03, 0.03, 0.07, 0.08, 0.06, 0.04],
    deadly: 0,
  },
  { name: 'Tiêu chảy', months: [0.08, 0.08, 0.1, 0.11, 0.12, 0.11, 0.11, 0.1, 0.1, 0.09, 0.08, 0.08], deadly: 0 },
  { name: 'Thủy đậu', months: [0.03, 0.04, 0.05, 0.05, 0.03, 0.02, 0.01, 0.01, 0.01, 0.01, 0.02, 0.02], deadly: 0 },
  { name: 'Sởi', months: [0.02, 0.03, 0.03, 0.03, 0.02, 0.01, 0.01, 0.01, 0.01, 0.01, 0.02, 0.02], deadly: 0 },
] as const
/** Of an outbreak: cases of flu a day among 10,000 people at its peak. */
const outbreak = 14

/** New cases of each disease of a day, without deaths mostly; a disease without a case is reported, too, as 0. */
export const notifiableDiseaseModel: Model = {
  name: 'notifiable_disease',
  sources: forKinds(['health_centre', 'clinic'], (site, world) => {
    const key = keyOf(world.seed, 'disease', site.site)
    const people = peopleNear(site) / 10_000
    return [
      daily(site, {
        type: 'notifiable_disease',
        device: 'notifiable-diseases',
        hour: 17,
        has: () => true,
        report(day) {
          const noon = startOf(day) + 12 * hourMs
          return diseases.map(({ name, months, deadly }, index) => {
            const usual = seasonal(months, noon) * (1 + 0.4 * wave(keyOf(key, name), noon, 12 * 24 * hourMs))
            const flu = index === 0 ? outbreak * fluAt(site, world, noon) : 0
            const cases = poisson(keyOf(key, name), day, people * (usual + flu))
            return {
              disease: name,
              cases,
              deaths: Math.min(cases, poisson(keyOf(key, name, 'deaths'), day, cases * deadly)),
            }
          })
        },
      }),
    ]
  }),
}
