import { deviceCount, sum, totalOfLast } from '../engine/aggregates/aggregates.ts'
import { groupedPlaces, places, received, shareOf, startingLevels } from './case-formulas.ts'
import { type CaseAttributes, caseIndicator } from './case-indicator.ts'
import { flowOf } from './flow.ts'
import { derived, indicator, latest } from './indicator.ts'
import { dailyHold, day, month, thirtyDays } from './periods.ts'
import { percentOf, ratioOf } from './ratios.ts'

const isLate = ({ late }: CaseAttributes<'lodging_registration'>) => late === true

const ofRegistrations = { unit: '1', source: 'lodging_registration', window: thirtyDays, scopes: places } as const

const registered = caseIndicator({
  ...ofRegistrations,
  id: 'lodging_registered_30d',
  title: { vi: 'Lượt thông báo lưu trú, 30 ngày', en: 'Lodging registrations, 30 days' },
  formula: 'registrations of stays that began in 30 days',
  value: received,
})

const registeredLate = caseIndicator({
  ...ofRegistrations,
  id: 'lodging_registered_late_30d',
  title: { vi: 'Thông báo lưu trú chậm, 30 ngày', en: 'Lodging registrations that were late, 30 days' },
  where: isLate,
  formula: 'registrations of stays that began in 30 days and were declared late',
  value: received,
})

const flow = flowOf('lodging')

const guests = {
  unit: '1',
  source: 'lodging',
  aggregates: { domestic: sum('arrivals_domestic'), foreign: sum('arrivals_foreign') },
  scopes: places,
  formula: 'sum(arrivals_domestic) + sum(arrivals_foreign)',
  value: ({ domestic, foreign }: { readonly domestic: number; readonly foreign: number }) => domestic + foreign,
} as const

const occupancy = {
  unit: '%',
  source: 'lodging',
  aggregates: { sold: sum('rooms_sold'), rooms: sum('rooms') },
  scopes: places,
  formula: '100 × sum(rooms_sold) ÷ sum(rooms): room nights sold of those available',
  value: ({ sold, rooms }: { readonly sold: number; readonly rooms: number }) => percentOf(sold, rooms),
} as const

/** Lodging: rooms, guests, registrations. */
export const tourismIndicators = [
  indicator({
    ...guests,
    id: 'tourism_guests_1d',
    title: { vi: 'Khách đến trong ngày', en: 'Guests, day' },
    window: day,
  }),
  indicator({
    ...guests,
    id: 'tourism_guests_month',
    title: { vi: 'Khách đến trong tháng', en: 'Guests, month' },
    window: month,
  }),
  flow(
    'tourism_guests_domestic_month',
    'Khách trong nước trong tháng',
    'Domestic guests, month',
    'arrivals_domestic',
    month,
  ),
  flow('tourism_guests_foreign_month', 'Khách quốc tế trong tháng', 'Foreign guests, month', 'arrivals_foreign', month),
  indicator({
    ...guests,
    id: 'tourism_foreign_share_month',
    title: { vi: 'Tỷ lệ khách quốc tế trong tháng', en: 'Foreign guests, share, month' },
    unit: '%',
    window: month,
    formula: '100 × sum(arrivals_foreign) ÷ all arrivals',
    value: ({ domestic, foreign }) => percentOf(foreign, domestic + foreign),
  }),
  indicator({
    id: 'tourism_guest_nights_month',
    title: { vi: 'Số đêm khách lưu trú trong tháng', en: 'Guest nights, month' },
    unit: '1',
    source: 'lodging',
    aggregates: { domestic: sum('nights_domestic'), foreign: sum('nights_foreign') },
    window: month,
    scopes: places,
    formula: 'sum(nights_domestic) + sum(nights_foreign)',
    value: ({ domestic, foreign }) => domestic + foreign,
  }),
  indicator({
    id: 'tourism_stay_month',
    title: { vi: 'Số đêm lưu trú trung bình trong tháng', en: 'Length of stay, mean, month' },
    unit: 'd',
    source: 'lodging',
    aggregates: {
      domesticNights: sum('nights_domestic'),
      foreignNights: sum('nights_foreign'),
      domestic: sum('arrivals_domestic'),
      foreign: sum('arrivals_foreign'),
    },
    window: month,
    scopes: places,
    formula: 'guest nights ÷ arrivals',
    value: ({ domesticNights, foreignNights, domestic, foreign }) =>
      ratioOf(domesticNights + foreignNights, domestic + foreign),
  }),
  indicator({
    ...occupancy,
    id: 'tourism_room_occupancy_1d',
    title: { vi: 'Công suất phòng trong ngày', en: 'Room occupancy, day' },
    window: day,
  }),
  indicator({
    ...occupancy,
    id: 'tourism_room_occupancy_month',
    title: { vi: 'Công suất phòng trong tháng', en: 'Room occupancy, month' },
    window: month,
  }),
  indicator({
    id: 'tourism_rooms',
    title: { vi: 'Số phòng lưu trú', en: 'Rooms' },
    unit: '1',
    source: 'lodging',
    aggregates: { value: totalOfLast('rooms', dailyHold) },
    window: day,
    scopes: places,
    value: ({ value }) => value,
  }),
  indicator({
    id: 'tourism_lodgings',
    title: { vi: 'Số cơ sở lưu trú đang báo cáo', en: 'Places of lodging that report' },
    unit: '1',
    source: 'lodging',
    aggregates: { value: deviceCount('rooms', dailyHold) },
    window: day,
    scopes: ['area', 'district'],
    formula: 'places of lodging that have reported their rooms within 4 days',
    value: ({ value }) => value,
  }),
  indicator({
    id: 'tourism_undeclared_1d',
    title: { vi: 'Khách chưa khai báo lưu trú trong ngày', en: 'Guests not declared, day' },
    unit: '1',
    source: 'lodging',
    aggregates: { value: sum('undeclared') },
    window: day,
    scopes: places,
    levels: { direction: 'above', attention: 1, warning: 5, critical: 20 },
    reference: 'law 68/2020/QH14 on residence',
    unconfirmed: startingLevels,
    value: ({ value }) => value,
  }),
  flow(
    'tourism_undeclared_month',
    'Khách chưa khai báo lưu trú trong tháng',
    'Guests not declared, month',
    'undeclared',
    month,
  ),
  caseIndicator({
    ...ofRegistrations,
    id: 'lodging_registered_day',
    title: { vi: 'Lượt thông báo lưu trú trong ngày', en: 'Lodging registrations, day' },
    window: day,
    formula: 'registrations of stays that began in the day',
    value: received,
  }),
  caseIndicator({
    ...ofRegistrations,
    id: 'lodging_registered_month_by_guest',
    title: { vi: 'Lượt thông báo lưu trú trong tháng, theo loại khách', en: 'Lodging registrations, month, by guest' },
    window: month,
    scopes: groupedPlaces,
    by: 'guest',
    formula: 'registrations of stays of such guests that began in the month',
    value: received,
  }),
  registered,
  registeredLate,
  derived({
    id: 'lodging_registered_late_share_30d',
    title: { vi: 'Tỷ lệ thông báo lưu trú chậm, 30 ngày', en: 'Lodging registrations that were late, share, 30 days' },
    unit: '%',
    window: thirtyDays,
    scopes: places,
    levels: { direction: 'above', attention: 5, warning: 10, critical: 25 },
    reference: 'law 68/2020/QH14 on residence',
    unconfirmed: startingLevels,
    inputs: { part: latest(registeredLate), all: latest(registered) },
    formula: '100 × registrations that were late ÷ registrations, of 30 days',
    value: shareOf,
  }),
]
