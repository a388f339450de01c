import { describe, expect, test } from 'vitest'
import type { OracleEvent } from '../testing/oracle.ts'
import { type CaseEvent, playDomain } from '../testing/play.ts'
import { documentIndicators } from './documents.ts'
import { landIndicators } from './land.ts'
import { tourismIndicators } from './tourism.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** Midnight in Asia/Ho_Chi_Minh, two days before February. */
const t0 = Date.UTC(2026, 0, 29, 17)
const end = t0 + 2 * dayMs
/** Windows of 30 days end every 6 hours: the first end of one after it. */
const slowEnd = end + hourMs
const endOf = (id: string) =>
  /(_30d|(document|land|planning|violation)_(in_process|overdue))$/.test(id) ? slowEnd : end

function record(type: string, site: string, hour: number, values: OracleEvent['values']): OracleEvent {
  return { type, site, area: 'xa', device: 'may', ts: t0 + hour * hourMs, values }
}

/** A case that was opened on the first morning, is due a day later, and was closed after `hours`. */
function caseOf(type: CaseEvent['type'], id: string, hours: number | null, attributes: object): CaseEvent {
  const opened = t0 + 8 * hourMs
  const closed = hours === null ? null : opened + hours * hourMs
  return {
    type,
    site: 'ubnd',
    area: 'xa',
    ts: closed ?? opened,
    case: { id, opened, due: opened + dayMs, closed, ...attributes },
  }
}

describe('tourism', () => {
  const night = { rooms: 10, nights_domestic: 12, nights_foreign: 4, undeclared: 0 }
  const events = [
    record('lodging', 'ks-a', 20, { ...night, rooms_sold: 6, arrivals_domestic: 8, arrivals_foreign: 2 }),
    record('lodging', 'ks-a', 44, {
      ...night,
      rooms_sold: 9,
      arrivals_domestic: 4,
      arrivals_foreign: 2,
      undeclared: 3,
    }),
    record('lodging', 'ks-b', 44, { ...night, rooms: 30, rooms_sold: 15, arrivals_domestic: 0, arrivals_foreign: 0 }),
  ]
  const cases = [
    caseOf('lodging_registration', '1', 20, { guest: 'domestic', late: false }),
    caseOf('lodging_registration', '2', 20, { guest: 'domestic', late: true }),
    caseOf('lodging_registration', '3', 20, { guest: 'foreign', late: false }),
    caseOf('lodging_registration', '4', 20, { guest: 'foreign' }),
  ]
  const at = playDomain(tourismIndicators, { events, cases }, end + dayMs)

  test.each([
    ['tourism_guests_1d', 6],
    ['tourism_guests_month', 16],
    ['tourism_guests_foreign_month', 4],
    ['tourism_foreign_share_month', 25],
    ['tourism_guest_nights_month', 48],
    ['tourism_stay_month', 3],
    ['tourism_room_occupancy_1d', 60],
    ['tourism_room_occupancy_month', 60],
    ['tourism_rooms', 40],
    ['tourism_lodgings', 2],
    ['tourism_undeclared_1d', 3],
    ['lodging_registered_30d', 4],
    ['lodging_registered_late_share_30d', 25],
  ])('%s is %d', (id, value) => expect(at(id, 'area', 'xa', endOf(id))).toBeCloseTo(value, 9))

  test('registrations by guest', () => {
    expect(at('lodging_registered_month_by_guest', 'district', 'district', end, 'foreign')).toBe(2)
  })
})

describe('documents', () => {
  const cases = [
    caseOf('document', '1', 10, { direction: 'in', unit: 'Văn phòng', kind: 'Công văn' }),
    caseOf('document', '2', 30, { direction: 'in', unit: 'Văn phòng', kind: 'Công văn' }),
    caseOf('document', '3', null, { unit: 'Địa chính', kind: 'Báo cáo' }),
    caseOf('document', '4', 0, { direction: 'out', signed: true, kind: 'Công văn' }),
    caseOf('document', '5', 0, { direction: 'out', signed: true, kind: 'Tờ trình' }),
    caseOf('document', '6', 0, { direction: 'out', signed: false, kind: 'Công văn' }),
  ]
  const events = [
    record('document_exchange', 'ubnd', 9, { sent: 18, received: 5, failed: 1, signed: 15, delay_s: 30 }),
    record('document_exchange', 'ubnd', 33, { sent: 20, received: 7, failed: 1, signed: 19, delay_s: 60 }),
  ]
  const at = playDomain(documentIndicators, { events, cases }, end + 2 * hourMs)

  test.each([
    ['document_in_month', 3],
    ['document_out_month', 3],
    ['document_resolved_month', 2],
    ['document_in_process', 1],
    ['document_overdue', 1],
    ['document_handling_mean_30d', 20 / 24],
    ['document_signed_share_30d', 200 / 3],
    ['document_exchange_sent_1d', 20],
    ['document_exchange_failed_1d', 1],
    ['document_exchange_failed_month', 5],
    ['document_exchange_signed_month', (100 * 34) / 38],
    ['document_exchange_delay_1d', 60],
  ])('%s is %d', (id, value) => expect(at(id, 'area', 'xa', endOf(id))).toBeCloseTo(value, 9))

  test('by unit and by kind', () => {
    expect(at('document_in_process_by_unit', 'site', 'ubnd', end, 'Địa chính')).toBe(1)
    expect(at('document_in_month_by_unit', 'site', 'ubnd', end, 'Văn phòng')).toBe(2)
    expect(at('document_received_month_by_kind', 'site', 'ubnd', end, 'Công văn')).toBe(4)
  })
})

describe('land and planning', () => {
  const cases = [
    caseOf('land_file', '1', 20, { kind: 'Chuyển nhượng', online: true }),
    caseOf('land_file', '2', 30, { kind: 'Chuyển nhượng', online: false }),
    caseOf('land_file', '3', null, { kind: 'Cấp mới' }),
    caseOf('planning_request', '1', 4, {}),
    caseOf('planning_request', '2', null, {}),
    caseOf('violation', '1', 30, { field: 'land' }),
    caseOf('violation', '2', null, { field: 'land' }),
    caseOf('violation', '3', null, { field: 'forest' }),
  ]
  const events = [
    record('planning_lookup', 'ubnd', 9, { lookups: 40, not_found: 3, response_ms: 200 }),
    record('planning_lookup', 'ubnd', 33, { lookups: 60, not_found: 7, response_ms: 400 }),
  ]
  const at = playDomain(landIndicators, { events, cases }, end + 2 * hourMs)

  test.each([
    ['land_received_month', 3],
    ['land_resolved_month', 2],
    ['land_in_process', 1],
    ['land_overdue', 1],
    ['land_on_time_30d', 100 / 3],
    ['land_handling_mean_30d', 25 / 24],
    ['land_online_share_30d', 100 / 3],
    ['planning_received_month', 2],
    ['planning_in_process', 1],
    ['planning_on_time_30d', 50],
    ['planning_lookups_month', 100],
    ['planning_lookups_1d', 60],
    ['planning_not_found_month', 10],
    ['planning_response_1d', 400],
    ['violation_opened_month', 3],
    ['violation_settled_month', 1],
    ['violation_overdue', 2],
  ])('%s is %d', (id, value) => expect(at(id, 'area', 'xa', endOf(id))).toBeCloseTo(value, 9))

  test('by kind and by field', () => {
    expect(at('land_on_time_month_by_kind', 'site', 'ubnd', end, 'Chuyển nhượng')).toBe(50)
    expect(at('land_overdue_by_kind', 'site', 'ubnd', end, 'Cấp mới')).toBe(1)
    expect(at('violation_in_process_by_field', 'area', 'xa', end, 'land')).toBe(1)
    expect(at('violation_opened_month_by_field', 'area', 'xa', end, 'land')).toBe(2)
  })
})
