import { describe, expect, test } from 'vitest'
import { nameOf, type OracleEvent } from '../testing/oracle.ts'
import { type CaseEvent, playDomain, playHistory } from '../testing/play.ts'
import { citizenReportIndicators } from './citizen-reports.ts'
import { publicServiceIndicators } from './public-services.ts'
import { groupPoints, serviceIndexIndicators } from './service-index.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** Midnight in Asia/Ho_Chi_Minh, two days before February. */
const t0 = Date.UTC(2026, 0, 29, 17)
const end = t0 + 2 * dayMs
/** Windows of 30 days end every 6 hours: the first end of one after it. */
const slowEnd = end + hourMs
/** Those of the parameters whose windows end every 6 hours. */
const endOf = (id: string) => (/(_30d|_7d|_in_process|_overdue|^service_\w+)$/.test(id) ? slowEnd : end)

/** A case that was opened on the first day and, with `hours`, closed so many hours later; it is due after a day. */
function caseOf(
  type: CaseEvent['type'],
  id: string,
  hours: number | null,
  attributes: Readonly<Record<string, unknown>>,
  site = 'mot-cua',
): CaseEvent {
  const opened = t0 + hourMs
  const closed = hours === null ? null : opened + hours * hourMs
  const one = { id, opened, due: opened + dayMs, closed, ...attributes }
  return { type, site, area: 'xa', ts: closed ?? opened, case: one }
}

const dossiers: readonly CaseEvent[] = [
  caseOf('one_stop', '1', 12, { online: true, digitised: true, paid_online: true, unit: 'tư pháp' }),
  caseOf('one_stop', '2', 24, { online: true, digitised: true, fee: false, unit: 'tư pháp' }),
  caseOf('one_stop', '3', 36, { online: false, digitised: true, fee: true, unit: 'địa chính' }),
  caseOf('one_stop', '4', 6, { online: true, digitised: false, paid_online: false, unit: 'địa chính' }),
  caseOf('one_stop', '5', null, { online: true, unit: 'địa chính' }),
]

const reports: readonly CaseEvent[] = [
  caseOf('citizen_report', 'a', 10, { satisfaction: 5, category: 'rác' }),
  caseOf('citizen_report', 'b', 10, { satisfaction: 2, category: 'rác' }),
  caseOf('citizen_report', 'c', 30, { satisfaction: 4, category: 'đường' }),
  caseOf('citizen_report', 'd', null, { category: 'đường' }),
  caseOf('citizen_report', 'e', 10, { satisfaction: 1, within_competence: false, category: 'khác' }),
]

const portal: readonly OracleEvent[] = [9, 10, 34].map((hour) => ({
  type: 'portal',
  site: 'ubnd',
  area: 'xa',
  device: 'cong',
  ts: t0 + hour * hourMs,
  values: { ratings: 10, ratings_satisfied: hour === 34 ? 7 : 9, published_procedures: 190, procedures: 200 },
}))

describe('one-stop dossiers', () => {
  const at = playDomain(publicServiceIndicators, { cases: dossiers }, end + hourMs)
  const ofDistrict = (id: string, group?: string) => at(id, 'district', 'district', endOf(id), group)

  test.each([
    ['one_stop_received_month', 5],
    ['one_stop_resolved_month', 4],
    ['one_stop_in_process', 1],
    // Open, and due on the second day.
    ['one_stop_overdue', 1],
    ['one_stop_resolved_late_month', 1],
    // Three of four that were closed, and one that should have been.
    ['one_stop_on_time_month', 60],
    ['one_stop_on_time_30d', 60],
    ['one_stop_handling_mean_month', (12 + 24 + 36 + 6) / 4 / 24],
    ['one_stop_received_online_month', 4],
    ['one_stop_online_share_30d', 80],
    ['one_stop_digitised_share_30d', 75],
    // Of three that may have a fee: of two it is not known, of one it is.
    ['one_stop_payable_30d', 3],
    ['one_stop_online_payment_share_30d', 100 / 3],
  ])('%s is %d', (id, value) => expect(ofDistrict(id)).toBeCloseTo(value, 9))

  test('by unit', () => {
    expect(ofDistrict('one_stop_on_time_month_by_unit', 'tư pháp')).toBe(100)
    expect(ofDistrict('one_stop_on_time_month_by_unit', 'địa chính')).toBeCloseTo(100 / 3)
    expect(ofDistrict('one_stop_overdue_by_unit', 'địa chính')).toBe(1)
  })

  test('a share is 0 where no dossier meets the condition, and none where there is no dossier', () => {
    const desk = [caseOf('one_stop', '1', 12, { online: false })]
    const share = playDomain(publicServiceIndicators, { cases: desk }, end + hourMs)
    expect(share('one_stop_online_share_30d', 'site', 'mot-cua', slowEnd)).toBe(0)
    expect(share('one_stop_online_share_30d', 'site', 'elsewhere', slowEnd)).toBeUndefined()
  })
})

describe('the share of dossiers on time', () => {
  const levelOf = (cases: readonly CaseEvent[]) =>
    playHistory(publicServiceIndicators, { cases }, end + hourMs).get(
      nameOf('one_stop_on_time_month', 'district', 'district', undefined, end),
    )
  const handled = (count: number, hours: number | null) =>
    Array.from({ length: count }, (_, index) => caseOf('one_stop', `${hours} ${index}`, hours, {}))

  test('has no level while what is overdue from before is nearly all that there is, as on the first day of a month', () => {
    expect(levelOf(handled(3, null))).toMatchObject({ value: 0, level: 0 })
    expect(levelOf([...handled(19, 12), ...handled(3, null)])).toMatchObject({ level: 0 })
  })

  test('has one as soon as one dossier more does not decide', () => {
    expect(levelOf([...handled(20, 12), ...handled(3, null)])).toMatchObject({ level: 3 })
    expect(levelOf(handled(20, 12))).toMatchObject({ value: 100, level: 0 })
    expect(levelOf([...handled(18, 12), ...handled(2, 30)])).toMatchObject({ value: 90, level: 3 })
  })
})

describe("citizens' reports", () => {
  const at = playDomain(citizenReportIndicators, { cases: reports, events: portal }, end + 2 * hourMs)
  const ofArea = (id: string, group?: string) => at(id, 'area', 'xa', endOf(id), group)

  test.each([
    ['report_received_month', 5],
    ['report_resolved_month', 4],
    ['report_in_process', 1],
    ['report_overdue', 1],
    // Of those within competence: two of three that were closed, and one that should have been.
    ['report_on_time_30d', 50],
    ['report_response_mean_30d', (10 + 10 + 30 + 10) / 4 / 24],
    ['report_late_30d', 2],
    ['report_dissatisfied_30d', 1],
    // (all − dissatisfied − overdue) ÷ all = (4 − 1 − 2) ÷ 4
    ['report_satisfaction_30d', 25],
    ['portal_satisfied_30d', (100 * 25) / 30],
    ['portal_published_30d', 95],
  ])('%s is %d', (id, value) => expect(ofArea(id)).toBeCloseTo(value, 9))

  test('hot spots are categories of an area with many reports', () => {
    expect(ofArea('report_hot_spots_7d', 'rác')).toBe(2)
    expect(ofArea('report_hot_spots_7d', 'khác')).toBe(1)
    expect(ofArea('report_overdue_by_category', 'đường')).toBe(1)
  })
})

describe('the index of decision 766/QĐ-TTg', () => {
  const domain = [...publicServiceIndicators, ...citizenReportIndicators, ...serviceIndexIndicators]
  const pointsWith = (of: Parameters<typeof playDomain>[1]) => {
    const at = playDomain(domain, of, end + 2 * hourMs)
    return (id: string) => at(id, 'area', 'xa', endOf(id))
  }

  test('has the points of the decision', () => {
    expect(Object.values(groupPoints)).toEqual([18, 20, 22, 22, 18])
  })

  test('adds up the groups', () => {
    const of = pointsWith({ cases: [...dossiers, ...reports], events: portal })
    const groups = {
      service_transparency_points: 18 * 0.95,
      service_progress_points: 20 * 0.6,
      service_digitisation_points: 22 * 0.75,
      service_online_points: 12 * 0.8 + 10 / 3,
      service_satisfaction_points: (18 * (25 / 30 + 0.25)) / 2,
    }
    for (const [id, points] of Object.entries(groups)) expect(of(id), id).toBeCloseTo(points, 9)
    expect(of('service_index')).toBeCloseTo(
      Object.values(groups).reduce((sum, points) => sum + points, 0),
      9,
    )
    expect(of('service_index_coverage')).toBe(100)
  })

  test('a group without data counts neither for nor against, and is missing in the coverage', () => {
    const of = pointsWith({ cases: dossiers })
    const points = 20 * 0.6 + 22 * 0.75 + 12 * 0.8 + 10 / 3
    expect(of('service_index')).toBeCloseTo((100 * points) / 64, 9)
    expect(of('service_index_coverage')).toBe(64)
    expect(of('service_transparency_points')).toBeUndefined()
  })
})
