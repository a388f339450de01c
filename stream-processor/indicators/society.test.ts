import { describe, expect, test } from 'vitest'
import type { OracleEvent } from '../testing/oracle.ts'
import { playDomain } from '../testing/play.ts'
import { budgetIndicators } from './budget.ts'
import { businessIndicators } from './business.ts'
import { educationIndicators } from './education.ts'
import { healthIndicators } from './health.ts'
import { socioEconomicIndicators } from './socio-economic.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** Midnight in Asia/Ho_Chi_Minh, on a Friday; the day after tomorrow is in February. */
const friday = Date.UTC(2026, 0, 29, 17)
const saturday = friday + dayMs
const sunday = saturday + dayMs
const monday = sunday + dayMs
const tuesday = monday + dayMs

/** A record at so many hours after midnight. */
function record(type: string, site: string, day: number, hour: number, values: OracleEvent['values']): OracleEvent {
  return { type, site, area: 'xa', device: 'may', ts: day + hour * hourMs, values }
}

describe('health', () => {
  // 20 beds for two days: 40 bed days, of which 30 were used; 6 patients left.
  const ward = { beds: 20, bed_days: 20, visits: 40, emergencies: 2, admissions: 4, vaccinations: 7 }
  const events = [
    record('clinic', 'tram-a', friday, 16, {
      ...ward,
      beds_occupied: 18,
      treatment_days: 18,
      discharges: 2,
      transfers: 1,
    }),
    record('clinic', 'tram-a', saturday, 16, {
      ...ward,
      beds_occupied: 12,
      treatment_days: 12,
      discharges: 4,
      transfers: 3,
    }),
    record('clinic', 'tram-b', saturday, 17, { ...ward, beds: 5, beds_occupied: 5, treatment_days: 5, bed_days: 5 }),
    record('notifiable_disease', 'tram-a', friday, 17, { disease: 'Sốt xuất huyết', cases: 3, deaths: 0 }),
    record('notifiable_disease', 'tram-a', saturday, 17, { disease: 'Sốt xuất huyết', cases: 4, deaths: 1 }),
    record('notifiable_disease', 'tram-a', saturday, 17, { disease: 'Tay chân miệng', cases: 2, deaths: 0 }),
  ]
  const at = playDomain(healthIndicators, { events }, sunday + dayMs)

  test.each([
    ['health_bed_occupancy_month', 'site', 'tram-a', 75],
    ['health_bed_occupancy_month', 'area', 'xa', (100 * 35) / 45],
    ['health_mean_stay_month', 'site', 'tram-a', 5],
    ['health_visits_month', 'district', 'district', 120],
    ['health_visits_1d', 'area', 'xa', 80],
    ['health_emergencies_month', 'area', 'xa', 6],
    ['health_transfers_month', 'area', 'xa', 4],
    ['health_transfer_share_month', 'site', 'tram-a', 5],
    ['health_vaccinations_month', 'area', 'xa', 21],
    ['health_beds', 'area', 'xa', 25],
    ['health_beds_occupied', 'area', 'xa', 17],
    ['health_bed_occupancy_now', 'area', 'xa', 68],
    ['health_disease_cases_7d', 'area', 'xa', 9],
    ['health_disease_deaths_month', 'area', 'xa', 1],
  ] as const)('%s of %s %s is %d', (id, scope, key, value) => {
    // Windows of 7 days end every 6 hours.
    expect(at(id, scope, key, id.endsWith('_7d') ? sunday + hourMs : sunday)).toBeCloseTo(value, 9)
  })

  test('counts each disease', () => {
    expect(at('health_disease_cases_7d_by_disease', 'area', 'xa', sunday + hourMs, 'Sốt xuất huyết')).toBe(7)
    expect(at('health_disease_cases_month_by_disease', 'area', 'xa', sunday, 'Tay chân miệng')).toBe(2)
  })
})

describe('education', () => {
  const primary = { school_level: 'primary', classes: 10, pupils: 300, teachers: 15, dropouts: 0, teachers_present: 15 }
  const secondary = { school_level: 'lower_secondary', classes: 5, pupils: 200, teachers: 10, dropouts: 1 }
  const events = [
    record('school', 'th-a', friday, 8, { ...primary, present: 294, absent_sick: 3 }),
    record('school', 'thcs-b', friday, 8, { ...secondary, teachers_present: 9, present: 180, absent_sick: 12 }),
    record('school', 'thcs-b', monday, 8, { ...secondary, teachers_present: 10, present: 190, absent_sick: 4 }),
  ]
  const at = playDomain(educationIndicators, { events }, tuesday + dayMs)

  test.each([
    ['education_attendance_1d', 'site', 'th-a', 98],
    ['education_attendance_1d', 'area', 'xa', (100 * 474) / 500],
    ['education_sick_share_1d', 'area', 'xa', 3],
    ['education_teacher_attendance_1d', 'area', 'xa', 96],
    ['education_pupils', 'area', 'xa', 500],
    ['education_classes', 'area', 'xa', 15],
    ['education_schools', 'area', 'xa', 2],
    ['education_pupils_per_teacher', 'area', 'xa', 20],
    ['education_pupils_per_class', 'area', 'xa', 500 / 15],
  ] as const)('%s of %s %s is %d on a Friday', (id, scope, key, value) => {
    expect(at(id, scope, key, saturday)).toBeCloseTo(value, 9)
  })

  test('a school that has not reported since Friday still has its pupils on Monday', () => {
    expect(at('education_pupils', 'area', 'xa', tuesday)).toBe(500)
    expect(at('education_schools', 'district', 'district', tuesday)).toBe(2)
    expect(at('education_attendance_1d', 'area', 'xa', tuesday)).toBe(95)
  })

  test('by level', () => {
    const ofArea = (id: string, level: string) => at(id, 'area', 'xa', saturday, level)
    expect(ofArea('education_attendance_1d_by_level', 'lower_secondary')).toBe(90)
    expect(ofArea('education_pupils_by_level', 'primary')).toBe(300)
    expect(ofArea('education_schools_by_level', 'primary')).toBe(1)
    expect(at('education_dropouts_month_by_level', 'area', 'xa', sunday, 'lower_secondary')).toBe(1)
  })
})

describe('budget', () => {
  const million = 1e6
  const taxes = (day: number, site: string, vat: number, land: number) => [
    record('budget_revenue', site, day, 17, {
      tax: 'Thuế GTGT',
      collected_vnd: vat * million,
      plan_vnd: 100 * million,
      previous_vnd: 80 * million,
    }),
    record('budget_revenue', site, day, 17, {
      tax: 'Tiền sử dụng đất',
      collected_vnd: land * million,
      plan_vnd: 50 * million,
      previous_vnd: 120 * million,
    }),
  ]
  const arrears = (site: string, day: number, owed: number, overdue: number) =>
    record('tax_arrears', site, day, 17, {
      arrears_vnd: owed * million,
      overdue_90d_vnd: overdue * million,
      debtors: 10,
      recovered_vnd: 5 * million,
    })
  const events = [
    ...taxes(friday, 'thue-a', 90, 60),
    arrears('thue-a', friday, 300, 60),
    arrears('thue-b', friday, 100, 40),
    ...taxes(saturday, 'thue-a', 30, 60),
    arrears('thue-b', saturday, 90, 40),
  ]
  const at = playDomain(budgetIndicators, { events }, sunday + dayMs)

  test.each([
    // Taxes add up.
    ['budget_collected_1d', 90 * million],
    ['budget_collected_month', 240 * million],
    ['budget_plan_percent_month', 80],
    ['budget_same_period_percent_month', 60],
    // The last ones of both places: 300 and 90, of which 60 and 40 are old.
    ['tax_arrears', 390 * million],
    ['tax_arrears_overdue_share', (100 * 100) / 390],
    ['tax_debtors', 20],
    ['tax_recovered_month', 15 * million],
  ])('%s is %d', (id, value) => expect(at(id, 'area', 'xa', sunday)).toBeCloseTo(value, 6))

  test('by tax', () => {
    expect(at('budget_collected_month_by_tax', 'district', 'district', sunday, 'Thuế GTGT')).toBe(120 * million)
  })

  test('of the year, at its end', () => {
    const newYear = Date.UTC(2026, 11, 31, 17)
    const year = playDomain(budgetIndicators, { events }, newYear + hourMs)
    expect(year('budget_collected_year', 'district', 'district', newYear)).toBe(240 * million)
    expect(year('budget_plan_percent_year_by_tax', 'site', 'thue-a', newYear, 'Tiền sử dụng đất')).toBe(120)
    expect(year('budget_same_period_percent_year_by_tax', 'site', 'thue-a', newYear, 'Tiền sử dụng đất')).toBe(50)
  })
})

describe('business households', () => {
  const events = [
    record('business_household', 'xa-a', friday, 17, { active: 120, registered: 3, suspended: 1, closed: 1 }),
    record('business_household', 'xa-a', friday, 17, { trade: 'Ăn uống', active: 50, registered: 2, closed: 1 }),
    record('business_household', 'xa-a', friday, 17, { trade: 'Bán lẻ', active: 70, registered: 1, closed: 0 }),
    record('business_household', 'xa-b', saturday, 17, { active: 30, registered: 1, suspended: 0, closed: 4 }),
    record('business_household', 'xa-b', saturday, 17, { trade: 'Ăn uống', active: 30, registered: 1, closed: 4 }),
  ]
  const at = playDomain(businessIndicators, { events }, sunday + dayMs)
  const ofArea = (id: string, trade?: string) => at(id, 'area', 'xa', sunday, trade)

  test('records of trades are not counted again among all', () => {
    expect(ofArea('business_active')).toBe(150)
    expect(ofArea('business_registered_month')).toBe(4)
    expect(ofArea('business_suspended_month')).toBe(1)
    expect(ofArea('business_net_month')).toBe(-1)
  })

  test('by trade', () => {
    expect(ofArea('business_active_by_trade', 'Ăn uống')).toBe(80)
    expect(at('business_closed_month_by_trade', 'district', 'district', sunday, 'Ăn uống')).toBe(5)
  })
})

describe('socio-economic targets', () => {
  const target = (site: string, day: number, name: string, value: number, plan: number, previous: number) =>
    record('socio_economic', site, day, 17, { target: name, value, plan, previous })
  const events = [
    target('xa-a', friday, 'Diện tích rau', 300, 400, 250),
    target('xa-a', friday, 'Trồng rừng', 12, 10, 15),
    target('xa-b', friday, 'Diện tích rau', 200, 600, 250),
    target('xa-a', saturday, 'Diện tích rau', 310, 400, 250),
  ]
  const at = playDomain(socioEconomicIndicators, { events }, sunday + dayMs)

  test('each target is a group, with the last figure of each commune', () => {
    const vegetables = 'Diện tích rau'
    expect(at('socio_value_by_target', 'site', 'xa-a', sunday, vegetables)).toBe(310)
    expect(at('socio_remaining_by_target', 'site', 'xa-a', sunday, vegetables)).toBe(90)
    expect(at('socio_remaining_by_target', 'site', 'xa-a', sunday, 'Trồng rừng')).toBe(-2)
    expect(at('socio_plan_percent_by_target', 'area', 'xa', sunday, vegetables)).toBe(51)
    expect(at('socio_previous_percent_by_target', 'area', 'xa', sunday, vegetables)).toBe(102)
    expect(at('socio_growth_by_target', 'site', 'xa-a', sunday, 'Trồng rừng')).toBe(-20)
  })
})
