import { startOf, yearPart } from '../local-time.ts'
import type { Model } from '../model.ts'
import { keyOf, uniform, wave } from '../noise.ts'
import { round } from '../numbers.ts'
import { officeOf } from '../office.ts'
import { peopleOfArea } from '../population.ts'
import { daily, forKinds } from '../sources.ts'

/**
 * Targets of a year. One that adds up over the year is planned for each thousand people; a share is planned as it is.
 */
const targets = [
  { name: 'Giá trị sản xuất nông nghiệp (tỷ đồng)', plan: 92, addsUp: true, growth: 1.07, digits: 1 },
  { name: 'Thu ngân sách trên địa bàn (tỷ đồng)', plan: 2.9, addsUp: true, growth: 1.09, digits: 2 },
  { name: 'Sản lượng rau các loại (tấn)', plan: 6_900, addsUp: true, growth: 1.04, digits: 0 },
  { name: 'Sản lượng sữa tươi (tấn)', plan: 620, addsUp: true, growth: 1.06, digits: 0 },
  { name: 'Lượt khách du lịch (lượt)', plan: 1_350, addsUp: true, growth: 1.12, digits: 0 },
  { name: 'Lao động được giải quyết việc làm (người)', plan: 24, addsUp: true, growth: 1.02, digits: 0 },
  { name: 'Tỷ lệ hộ nghèo theo chuẩn đa chiều (%)', plan: 0.9, addsUp: false, growth: 0.8, digits: 2 },
  { name: 'Tỷ lệ dân số tham gia bảo hiểm y tế (%)', plan: 95, addsUp: false, growth: 1.01, digits: 1 },
  { name: 'Tỷ lệ che phủ rừng (%)', plan: 62, addsUp: false, growth: 1, digits: 1 },
  { name: 'Tỷ lệ dân số được dùng nước sạch (%)', plan: 92, addsUp: false, growth: 1.02, digits: 1 },
] as const
const yearMs = 366 * 86_400_000

/** Socio-economic targets of a commune: the year so far beside its plan. */
export const socioEconomicModel: Model = {
  name: 'socio_economic',
  sources: forKinds(['commune_office'], (site, world) => {
    const thousands = peopleOfArea(site) / 1000
    const key = keyOf(world.seed, 'socio-economic', site.site)
    return [
      daily(site, {
        type: 'socio_economic',
        device: 'socio-economic',
        hour: 17,
        has: officeOf(world.calendar).isWorking,
        report(day) {
          const ts = startOf(day)
          const part = yearPart(ts)
          return targets.map(({ name, plan: planned, addsUp, growth, digits }) => {
            const own = keyOf(key, name)
            const plan = addsUp
              ? planned * thousands * (0.85 + 0.3 * uniform(own, 0))
              : planned * (0.97 + 0.05 * uniform(own, 0))
            const reached = 0.95 + 0.1 * uniform(own, 1)
            // It adds up without falling: its rate changes by less than it is.
            const course = part + 0.02 * (wave(own, ts, yearMs / 3) - wave(own, ts - part * yearMs, yearMs / 3)) * part
            const value = addsUp ? plan * reached * course : plan * (1 + (reached - 1) * 0.3)
            return {
              target: name,
              value: round(value, digits),
              plan: round(plan, digits),
              previous: round((value / growth) * (0.98 + 0.04 * uniform(own, 2)), digits),
            }
          })
        },
      }),
    ]
  }),
}
