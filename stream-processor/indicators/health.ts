import { sum, totalOfLast } from '../engine/aggregates/aggregates.ts'
import { places } from './case-formulas.ts'
import { flowOf } from './flow.ts'
import { indicator } from './indicator.ts'
import { day, month, sevenDays } from './periods.ts'
import { percentOf, ratioOf } from './ratios.ts'
import { unconfirmed } from './unconfirmed.ts'

/** A clinic reports every hour: a bed of which nothing was reported for a day is not known. */
const hold = { hold_s: 86_400 } as const
const bedRule = 'Bộ Y tế, chỉ số hoạt động bệnh viện: ngày điều trị ÷ ngày giường; ngày điều trị ÷ lượt ra viện'

const flow = flowOf('clinic', { vi: 'các cơ sở y tế', en: 'the clinics' })
const visits = { vi: 'lượt khám bệnh', en: 'visits' } as const
const emergencies = { vi: 'ca cấp cứu', en: 'emergencies' } as const
const vaccinations = { vi: 'mũi tiêm chủng', en: 'vaccinations' } as const

/** Beds, visits and notifiable diseases, as counts. */
export const healthIndicators = [
  indicator({
    id: 'health_bed_occupancy_month',
    title: { vi: 'Công suất giường bệnh trong tháng', en: 'Bed occupancy, month' },
    about: {
      vi: 'Tổng số ngày điều trị nội trú chia cho tổng số ngày giường (số giường nhân số ngày) trong tháng, tính bằng phần trăm. Trên 100 % là phải nằm ghép hoặc kê thêm giường.',
      en: 'Days of in-patient treatment divided by bed days (beds times days) of the month, in per cent. Above 100 % patients share beds or lie on extra ones.',
    },
    unit: '%',
    source: 'clinic',
    aggregates: { treatment: sum('treatment_days'), beds: sum('bed_days') },
    window: month,
    scopes: places,
    levels: { direction: 'above', attention: 85, warning: 95, critical: 110 },
    reference: bedRule,
    unconfirmed: unconfirmed.startingLevels,
    formula: '100 × sum(treatment_days) ÷ sum(bed_days), where bed days are beds × days',
    value: ({ treatment, beds }) => percentOf(treatment, beds),
  }),
  indicator({
    id: 'health_beds_occupied',
    title: { vi: 'Giường đang có người bệnh', en: 'Beds occupied' },
    about: {
      vi: 'Cộng số giường đang có người bệnh theo báo cáo gần nhất của từng cơ sở y tế; báo cáo cũ quá một ngày không được tính.',
      en: 'Adds up the beds occupied as each clinic last reported; reports older than a day do not count.',
    },
    unit: '1',
    source: 'clinic',
    aggregates: { value: totalOfLast('beds_occupied', hold) },
    window: day,
    scopes: places,
    value: ({ value }) => value,
  }),
  indicator({
    id: 'health_beds',
    title: { vi: 'Số giường kế hoạch', en: 'Beds' },
    about: {
      vi: 'Cộng số giường kế hoạch theo báo cáo gần nhất của từng cơ sở y tế; báo cáo cũ quá một ngày không được tính.',
      en: 'Adds up the planned beds as each clinic last reported; reports older than a day do not count.',
    },
    unit: '1',
    source: 'clinic',
    aggregates: { value: totalOfLast('beds', hold) },
    window: day,
    scopes: places,
    value: ({ value }) => value,
  }),
  indicator({
    id: 'health_bed_occupancy_now',
    title: { vi: 'Tỷ lệ giường đang sử dụng', en: 'Beds occupied, share' },
    about: {
      vi: 'Số giường đang có người bệnh chia cho số giường kế hoạch, theo báo cáo gần nhất của từng cơ sở y tế, tính bằng phần trăm.',
      en: 'Beds occupied divided by planned beds, as each clinic last reported, in per cent.',
    },
    unit: '%',
    source: 'clinic',
    aggregates: { occupied: totalOfLast('beds_occupied', hold), beds: totalOfLast('beds', hold) },
    window: day,
    scopes: places,
    levels: { direction: 'above', attention: 85, warning: 95, critical: 110 },
    unconfirmed: unconfirmed.startingLevels,
    formula: '100 × beds occupied ÷ beds, as last reported',
    value: ({ occupied, beds }) => percentOf(occupied, beds),
  }),
  indicator({
    id: 'health_mean_stay_month',
    title: { vi: 'Số ngày điều trị trung bình trong tháng', en: 'Length of stay, mean, month' },
    about: {
      vi: 'Tổng số ngày điều trị nội trú chia cho số lượt ra viện trong tháng: trung bình một người bệnh nằm viện bao nhiêu ngày.',
      en: 'Days of in-patient treatment divided by discharges of the month: how long a patient stays on average.',
    },
    unit: 'd',
    source: 'clinic',
    aggregates: { treatment: sum('treatment_days'), discharges: sum('discharges') },
    window: month,
    scopes: places,
    reference: bedRule,
    formula: 'sum(treatment_days) ÷ sum(discharges)',
    value: ({ treatment, discharges }) => ratioOf(treatment, discharges),
  }),
  flow('health_visits_1d', visits, 'visits', day),
  flow('health_visits_month', visits, 'visits', month),
  flow('health_emergencies_1d', emergencies, 'emergencies', day),
  flow('health_emergencies_month', emergencies, 'emergencies', month),
  flow('health_admissions_month', { vi: 'lượt nhập viện', en: 'admissions' }, 'admissions', month, {
    vi: 'Chỉ gồm người bệnh điều trị nội trú.',
    en: 'These are in-patients.',
  }),
  flow('health_transfers_month', { vi: 'ca chuyển tuyến', en: 'transfers' }, 'transfers', month, {
    vi: 'Đó là người bệnh phải chuyển đến cơ sở khám chữa bệnh khác.',
    en: 'These are patients who had to go on to another hospital.',
  }),
  indicator({
    id: 'health_transfer_share_month',
    title: { vi: 'Tỷ lệ chuyển tuyến trong tháng', en: 'Transfers, share of visits, month' },
    about: {
      vi: 'Số ca chuyển tuyến chia cho số lượt khám bệnh trong tháng, tính bằng phần trăm.',
      en: 'Patients transferred divided by visits of the month, in per cent.',
    },
    unit: '%',
    source: 'clinic',
    aggregates: { transfers: sum('transfers'), visits: sum('visits') },
    window: month,
    scopes: places,
    formula: '100 × sum(transfers) ÷ sum(visits)',
    value: ({ transfers, visits }) => percentOf(transfers, visits),
  }),
  flow('health_vaccinations_1d', vaccinations, 'vaccinations', day),
  flow('health_vaccinations_month', vaccinations, 'vaccinations', month),
  indicator({
    id: 'health_disease_cases_7d',
    title: { vi: 'Ca mắc bệnh truyền nhiễm, 7 ngày', en: 'Cases of notifiable diseases, 7 days' },
    about: {
      vi: 'Cộng số ca mắc tất cả các bệnh truyền nhiễm phải báo cáo, được báo trong 7 ngày gần nhất.',
      en: 'Adds up the cases of all notifiable diseases that were reported in the last 7 days.',
    },
    unit: '1',
    source: 'notifiable_disease',
    aggregates: { value: sum('cases') },
    window: sevenDays,
    scopes: places,
    reference: '54/2015/TT-BYT',
    formula: 'sum(cases) of all diseases',
    value: ({ value }) => value,
  }),
  indicator({
    id: 'health_disease_cases_7d_by_disease',
    title: { vi: 'Ca mắc 7 ngày, theo bệnh truyền nhiễm', en: 'Cases of 7 days, by notifiable disease' },
    about: {
      vi: 'Cộng số ca mắc được báo trong 7 ngày gần nhất, tính riêng cho từng bệnh truyền nhiễm. Tăng nhanh là dấu hiệu có ổ dịch.',
      en: 'Adds up the cases reported in the last 7 days, separately for each notifiable disease. A quick rise is a sign of an outbreak.',
    },
    unit: '1',
    source: 'notifiable_disease',
    by: 'disease',
    aggregates: { value: sum('cases') },
    window: sevenDays,
    scopes: places,
    minSamples: 1,
    levels: { direction: 'above', attention: 5, warning: 10, critical: 30 },
    reference: '54/2015/TT-BYT',
    unconfirmed: unconfirmed.outbreakLevels,
    formula: 'sum(cases) of the disease',
    value: ({ value }) => value,
  }),
  indicator({
    id: 'health_disease_cases_month_by_disease',
    title: { vi: 'Ca mắc trong tháng, theo bệnh truyền nhiễm', en: 'Cases, month, by notifiable disease' },
    about: {
      vi: 'Cộng số ca mắc được báo trong tháng, tính riêng cho từng bệnh truyền nhiễm phải báo cáo.',
      en: 'Adds up the cases reported in the month, separately for each notifiable disease.',
    },
    unit: '1',
    source: 'notifiable_disease',
    by: 'disease',
    aggregates: { value: sum('cases') },
    window: month,
    scopes: places,
    reference: '54/2015/TT-BYT',
    formula: 'sum(cases) of the disease',
    value: ({ value }) => value,
  }),
  indicator({
    id: 'health_disease_deaths_month',
    title: { vi: 'Ca tử vong do bệnh truyền nhiễm trong tháng', en: 'Deaths of notifiable diseases, month' },
    about: {
      vi: 'Cộng số ca tử vong do tất cả các bệnh truyền nhiễm phải báo cáo, được báo trong tháng.',
      en: 'Adds up the deaths of all notifiable diseases that were reported in the month.',
    },
    unit: '1',
    source: 'notifiable_disease',
    aggregates: { value: sum('deaths') },
    window: month,
    scopes: places,
    minSamples: 1,
    levels: { direction: 'above', warning: 1, critical: 3 },
    reference: '54/2015/TT-BYT',
    unconfirmed: unconfirmed.startingLevels,
    formula: 'sum(deaths) of all diseases',
    value: ({ value }) => value,
  }),
]
