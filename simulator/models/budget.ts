import type { Site } from '@ioc/contract/district/sites.ts'
import { dayMs, hourMs, seasonal, startOf } from '../local-time.ts'
import type { Model, World } from '../model.ts'
import { type Key, keyOf, poisson, uniform, wave } from '../noise.ts'
import { clamp, round } from '../numbers.ts'
import { officeOf } from '../office.ts'
import { peopleOfArea } from '../population.ts'
import { daily, forKinds } from '../sources.ts'

/** Plan of a year in đồng for each of the people, and how it spreads over the months. */
const taxes = [
  { name: 'Thuế giá trị gia tăng', perHead: 620_000, months: [15, 8, 8, 9, 8, 8, 9, 8, 8, 9, 8, 8] },
  { name: 'Thuế thu nhập doanh nghiệp', perHead: 210_000, months: [14, 4, 12, 10, 4, 4, 12, 4, 4, 14, 4, 4] },
  { name: 'Thuế thu nhập cá nhân', perHead: 480_000, months: [11, 7, 9, 10, 8, 8, 8, 8, 8, 8, 8, 9] },
  { name: 'Lệ phí trước bạ', perHead: 430_000, months: [9, 6, 8, 8, 9, 8, 8, 8, 8, 9, 9, 10] },
  { name: 'Tiền sử dụng đất', perHead: 900_000, months: [5, 4, 7, 8, 8, 9, 8, 8, 9, 10, 11, 13] },
  { name: 'Thuế sử dụng đất phi nông nghiệp', perHead: 38_000, months: [2, 3, 6, 8, 14, 12, 8, 8, 10, 22, 5, 2] },
  { name: 'Phí, lệ phí', perHead: 95_000, months: [10, 7, 8, 8, 8, 8, 9, 8, 8, 9, 8, 9] },
  { name: 'Thu khác ngân sách', perHead: 120_000, months: [7, 6, 8, 8, 8, 8, 8, 8, 9, 9, 10, 11] },
] as const
/** Shares of the months, in percent, are spread over the working days of a month. */
const workingDaysOfMonth = 21
/** What the year is planned to bring more than the one before, and what it does bring of the plan. */
const growth = 1.09
const achieved = 1.1
/** Of a hundred days, those on which more is paid back of a tax than comes in. */
const refundDays = 0.4

const thousand = (value: number) => round(value, -3)

/** A day's collection around 1, as payments come: some days much, some little. */
const scattered = (key: Key, day: number) =>
  (0.5 + uniform(key, day)) * (1 + 0.04 * wave(key, startOf(day), 20 * dayMs))

/** Revenue by tax, which the commune's office sends at the end of the working day. */
export const budgetRevenueModel: Model = {
  name: 'budget_revenue',
  sources: forKinds(['commune_office'], (site, world) => {
    const key = keyOf(world.seed, 'budget', site.site)
    const people = peopleOfArea(site)
    const diligence = 0.97 + 0.06 * uniform(key, -1)
    return [
      daily(site, {
        type: 'budget_revenue',
        device: 'budget-revenue',
        hour: 17,
        has: officeOf(world.calendar).isWorking,
        report: (day) =>
          taxes.map(({ name, perHead, months }) => {
            const own = keyOf(key, name)
            const share = seasonal(months, startOf(day) + 12 * hourMs) / 100 / workingDaysOfMonth
            const plan = people * perHead * share
            const isRefund = uniform(keyOf(own, 'refund'), day) * 100 < refundDays
            const collected = isRefund ? -0.4 * plan : plan * achieved * diligence * scattered(own, day)
            return {
              tax: name,
              collected_vnd: thousand(collected),
              plan_vnd: thousand(plan),
              previous_vnd: thousand((plan / growth) * scattered(keyOf(own, 'previous'), day)),
            }
          }),
      }),
    ]
  }),
}

/** Tax arrears, as a whole: they rise before the ends of quarters, and fall when they are paid. */
export const taxArrearsModel: Model = {
  name: 'tax_arrears',
  sources: forKinds(['commune_office'], (site, world) => {
    const key = keyOf(world.seed, 'arrears', site.site)
    const people = peopleOfArea(site)
    return [
      daily(site, {
        type: 'tax_arrears',
        device: 'tax-arrears',
        hour: 17,
        has: officeOf(world.calendar).isWorking,
        report(day) {
          const ts = startOf(day)
          const arrears = people * 190_000 * (1 + 0.14 * wave(key, ts, 45 * dayMs) + 0.03 * wave(key, ts, 7 * dayMs))
          const oldShare = 0.3 + 0.06 * wave(keyOf(key, 'old'), ts, 60 * dayMs)
          return {
            arrears_vnd: thousand(arrears),
            overdue_90d_vnd: thousand(arrears * oldShare),
            debtors: round((people / 1000) * 9 * (1 + 0.1 * wave(key, ts, 45 * dayMs))),
            recovered_vnd: thousand(arrears * 0.006 * scattered(keyOf(key, 'recovered'), day)),
          }
        },
      }),
    ]
  }),
}

/** Trades with their households of a thousand people. */
const trades = [
  { name: 'Bán buôn, bán lẻ', perThousand: 17 },
  { name: 'Ăn uống', perThousand: 7 },
  { name: 'Thu mua, sơ chế nông sản', perThousand: 5 },
  { name: 'Vật tư nông nghiệp', perThousand: 2.6 },
  { name: 'Lưu trú', perThousand: 0.9 },
  { name: 'Vận tải', perThousand: 2.4 },
  { name: 'Sửa chữa, cơ khí', perThousand: 3 },
  { name: 'Dịch vụ khác', perThousand: 5.5 },
] as const
/** Households that begin, pause and end in a year, of a hundred. */
const yearly = { registered: 11, suspended: 4.5, closed: 5 } as const
const workingDaysOfYear = 248
/** A day from which the households of the register are counted on. */
const registerDay = Date.UTC(2026, 0, 1) / dayMs

/** What comes and goes in a trade on a working day. */
function changesOf(key: Key, day: number, households: number) {
  const drawn = (name: keyof typeof yearly) =>
    poisson(keyOf(key, name), day, (households * yearly[name]) / 100 / workingDaysOfYear)
  return { registered: drawn('registered'), suspended: drawn('suspended'), closed: drawn('closed') }
}

function registerOf(site: Site, world: World, trade: (typeof trades)[number]) {
  const key = keyOf(world.seed, 'business', site.site, trade.name)
  const office = officeOf(world.calendar)
  const atFirst = Math.round((peopleOfArea(site) / 1000) * trade.perThousand * (0.85 + 0.3 * uniform(key, -1)))
  const changes = (day: number) => changesOf(key, day, atFirst)
  /** Active at the end of the days that were asked for last: each adds up from the one before. */
  let known = { day: registerDay - 1, active: atFirst }
  const activeOn = (day: number): number => {
    if (day < known.day) known = { day: registerDay - 1, active: atFirst }
    while (known.day < day) {
      const next = known.day + 1
      const { registered, suspended, closed } = changes(next)
      const change = office.isWorking(next) ? registered - suspended - closed : 0
      known = { day: next, active: clamp(known.active + change, 0, 100_000) }
    }
    return known.active
  }
  return { changes, activeOn }
}

/** The register of business households: of each trade, and of all. */
export const businessHouseholdModel: Model = {
  name: 'business_household',
  sources: forKinds(['commune_office'], (site, world) => {
    const registers = trades.map((trade) => ({ trade: trade.name, ...registerOf(site, world, trade) }))
    return [
      daily(site, {
        type: 'business_household',
        device: 'business-households',
        hour: 17,
        has: officeOf(world.calendar).isWorking,
        report(day) {
          const each = registers.map(({ trade, changes, activeOn }) => ({
            trade,
            active: activeOn(day),
            ...changes(day),
          }))
          const all = { active: 0, registered: 0, suspended: 0, closed: 0 }
          for (const one of each) {
            all.active += one.active
            all.registered += one.registered
            all.suspended += one.suspended
            all.closed += one.closed
          }
          return [all, ...each]
        },
      }),
    ]
  }),
}
