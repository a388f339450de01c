import { fluAt } from '../flu.ts'
import { hourMs, seasonal, startOf } from '../local-time.ts'
import type { Model } from '../model.ts'
import { keyOf, poisson, wave } from '../noise.ts'
import { peopleNear } from '../population.ts'
import { daily, forKinds } from '../sources.ts'

/** Cases a day among 10,000 people over the months, and the share of them that die. */
const diseases = [
  { name: 'Cúm', months: [0.5, 0.45, 0.4, 0.3, 0.25, 0.25, 0.25, 0.3, 0.4, 0.5, 0.6, 0.55], deadly: 0 },
  {
    name: 'Sốt xuất huyết',
    months: [0.1, 0.06, 0.05, 0.06, 0.12, 0.2, 0.28, 0.3, 0.3, 0.28, 0.22, 0.16],
    deadly: 0.002,
  },
  { name: 'Tay chân miệng', months: [0.08, 0.1, 0.15, 0.2, 0.22, 0.15, 0.1, 0.12, 0.25, 0.28, 0.2, 0.12], deadly: 0 },
  { name: 'Tiêu chảy', months: [0.2, 0.2, 0.25, 0.3, 0.35, 0.3, 0.3, 0.28, 0.25, 0.22, 0.2, 0.2], deadly: 0 },
  { name: 'Thủy đậu', months: [0.08, 0.12, 0.16, 0.14, 0.08, 0.05, 0.03, 0.03, 0.03, 0.04, 0.05, 0.06], deadly: 0 },
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
