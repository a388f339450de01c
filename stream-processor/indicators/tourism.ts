import type { Window } from '@ioc/contract/messages/live.ts'
import { deviceCount, sum, totalOfLast } from '../engine/aggregates/aggregates.ts'
import { groupedPlaces, places, received, shareOf } from './case-formulas.ts'
import { type CaseAttributes, caseIndicator } from './case-indicator.ts'
import { flowOf } from './flow.ts'
import { derived, indicator, latest } from './indicator.ts'
import { dailyHold, day, month, thirtyDays } from './periods.ts'
import { percentOf, ratioOf } from './ratios.ts'
import { unconfirmed } from './unconfirmed.ts'
import { during, type Words } from './words.ts'

const isLate = ({ late }: CaseAttributes<'lodging_registration'>) => late === true

const ofRegistrations = { unit: '1', source: 'lodging_registration', window: thirtyDays, scopes: places } as const

/** Said of guests as they are counted. */
const arrivals = {
  vi: 'Mỗi khách được tính một lần, vào ngày đến.',
  en: 'A guest counts once, on the day of arrival.',
} as const

const aboutGuests = (window: typeof day | typeof month): Words => ({
  vi: `Cộng số khách trong nước và khách quốc tế đến các cơ sở lưu trú ${during(window).vi}. ${arrivals.vi}`,
  en: `Adds up the domestic and foreign guests who arrived at places of lodging ${during(window).en}. ${arrivals.en}`,
})

const aboutOccupancy = (window: typeof day | typeof month): Words => ({
  vi: `Số phòng đã bán chia cho số phòng có thể bán, theo báo cáo của các cơ sở lưu trú ${during(window).vi}, tính bằng phần trăm.`,
  en: `Rooms sold divided by rooms available, as places of lodging reported ${during(window).en}, in per cent.`,
})

const aboutRegistered = (window: Window, note: Words = { vi: '', en: '' }): Words => ({
  vi: `Đếm số lượt thông báo lưu trú gửi công an có thời gian lưu trú bắt đầu ${during(window).vi}. ${note.vi}`.trim(),
  en: `Counts the stays that began ${during(window).en} and were declared to the police. ${note.en}`.trim(),
})

const registered = caseIndicator({
  ...ofRegistrations,
  id: 'lodging_registered_30d',
  title: { vi: 'Lượt thông báo lưu trú, 30 ngày', en: 'Lodging registrations, 30 days' },
  about: aboutRegistered(thirtyDays),
  formula: 'registrations of stays that began in 30 days',
  value: received,
})

const registeredLate = caseIndicator({
  ...ofRegistrations,
  id: 'lodging_registered_late_30d',
  title: { vi: 'Thông báo lưu trú chậm, 30 ngày', en: 'Late lodging registrations, 30 days' },
  about: {
    vi: 'Đếm số lượt thông báo lưu trú có thời gian lưu trú bắt đầu trong 30 ngày gần nhất mà cơ sở lưu trú thông báo chậm.',
    en: 'Counts the stays that began in the last 30 days and that the place of lodging declared late.',
  },
  where: isLate,
  formula: 'registrations of stays that began in 30 days and were declared late',
  value: received,
})

const flow = flowOf('lodging', { vi: 'các cơ sở lưu trú', en: 'the places of lodging' })

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
    about: aboutGuests(day),
    window: day,
  }),
  indicator({
    ...guests,
    id: 'tourism_guests_month',
    title: { vi: 'Khách đến trong tháng', en: 'Guests, month' },
    about: aboutGuests(month),
    window: month,
  }),
  flow(
    'tourism_guests_domestic_month',
    { vi: 'khách trong nước', en: 'domestic guests' },
    'arrivals_domestic',
    month,
    arrivals,
  ),
  flow(
    'tourism_guests_foreign_month',
    { vi: 'khách quốc tế', en: 'foreign guests' },
    'arrivals_foreign',
    month,
    arrivals,
  ),
  indicator({
    ...guests,
    id: 'tourism_foreign_share_month',
    title: { vi: 'Tỷ lệ khách quốc tế trong tháng', en: 'Foreign guests, share, month' },
    about: {
      vi: 'Số khách quốc tế chia cho tổng số khách đến các cơ sở lưu trú trong tháng, tính bằng phần trăm.',
      en: 'Foreign guests divided by all guests who arrived at places of lodging in the month, in per cent.',
    },
    unit: '%',
    window: month,
    formula: '100 × sum(arrivals_foreign) ÷ all arrivals',
    value: ({ domestic, foreign }) => percentOf(foreign, domestic + foreign),
  }),
  indicator({
    id: 'tourism_guest_nights_month',
    title: { vi: 'Số đêm khách lưu trú trong tháng', en: 'Guest nights, month' },
    about: {
      vi: 'Cộng số đêm mà khách trong nước và khách quốc tế đã nghỉ tại các cơ sở lưu trú trong tháng: hai khách nghỉ ba đêm là sáu đêm.',
      en: 'Adds up the nights of domestic and foreign guests in places of lodging in the month: two guests for three nights are six.',
    },
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
    about: {
      vi: 'Tổng số đêm khách lưu trú chia cho tổng số khách đến trong tháng: trung bình một khách ở lại bao nhiêu đêm.',
      en: 'Guest nights divided by guests who arrived in the month: how many nights a guest stays on average.',
    },
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
    about: aboutOccupancy(day),
    window: day,
  }),
  indicator({
    ...occupancy,
    id: 'tourism_room_occupancy_month',
    title: { vi: 'Công suất phòng trong tháng', en: 'Room occupancy, month' },
    about: aboutOccupancy(month),
    window: month,
  }),
  indicator({
    id: 'tourism_rooms',
    title: { vi: 'Số phòng lưu trú', en: 'Rooms' },
    about: {
      vi: 'Cộng số phòng có thể bán theo báo cáo gần nhất của từng cơ sở lưu trú; báo cáo cũ quá 4 ngày không được tính.',
      en: 'Adds up the rooms available as each place of lodging last reported; reports older than 4 days do not count.',
    },
    unit: '1',
    source: 'lodging',
    aggregates: { value: totalOfLast('rooms', dailyHold) },
    window: day,
    scopes: places,
    value: ({ value }) => value,
  }),
  indicator({
    id: 'tourism_lodgings',
    title: { vi: 'Số cơ sở lưu trú đang báo cáo', en: 'Places of lodging reporting' },
    about: {
      vi: 'Đếm số cơ sở lưu trú có báo cáo số phòng trong 4 ngày gần nhất.',
      en: 'Counts the places of lodging that reported their rooms within the last 4 days.',
    },
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
    title: { vi: 'Khách chưa thông báo lưu trú trong ngày', en: 'Guests not declared, day' },
    about: {
      vi: 'Cộng số khách đang lưu trú mà cơ sở chưa thông báo với công an, theo báo cáo trong ngày. Luật Cư trú yêu cầu thông báo mọi lượt lưu trú.',
      en: 'Adds up the guests of the day whom the place of lodging had not declared to the police, as the law on residence demands of every stay.',
    },
    unit: '1',
    source: 'lodging',
    aggregates: { value: sum('undeclared') },
    window: day,
    scopes: places,
    levels: { direction: 'above', attention: 1, warning: 5, critical: 20 },
    reference: 'Luật Cư trú 68/2020/QH14',
    unconfirmed: unconfirmed.startingLevels,
    value: ({ value }) => value,
  }),
  flow(
    'tourism_undeclared_month',
    { vi: 'khách chưa thông báo lưu trú', en: 'guests not declared' },
    'undeclared',
    month,
    {
      vi: 'Luật Cư trú yêu cầu thông báo mọi lượt lưu trú.',
      en: 'The law on residence demands that every stay be declared.',
    },
  ),
  caseIndicator({
    ...ofRegistrations,
    id: 'lodging_registered_day',
    title: { vi: 'Lượt thông báo lưu trú trong ngày', en: 'Lodging registrations, day' },
    about: aboutRegistered(day),
    window: day,
    formula: 'registrations of stays that began in the day',
    value: received,
  }),
  caseIndicator({
    ...ofRegistrations,
    id: 'lodging_registered_month_by_guest',
    title: { vi: 'Lượt thông báo lưu trú tháng, theo loại khách', en: 'Lodging registrations, month, by guest' },
    about: aboutRegistered(month, {
      vi: 'Tính riêng khách trong nước và khách quốc tế.',
      en: 'Separately for domestic and foreign guests.',
    }),
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
    title: { vi: 'Tỷ lệ thông báo lưu trú chậm, 30 ngày', en: 'Late lodging registrations, share, 30 days' },
    about: {
      vi: 'Số lượt thông báo lưu trú chậm chia cho tổng số lượt thông báo trong 30 ngày gần nhất, tính bằng phần trăm.',
      en: 'Stays that were declared late divided by all stays declared in the last 30 days, in per cent.',
    },
    unit: '%',
    window: thirtyDays,
    scopes: places,
    levels: { direction: 'above', attention: 5, warning: 10, critical: 25 },
    reference: 'Luật Cư trú 68/2020/QH14',
    unconfirmed: unconfirmed.startingLevels,
    inputs: { part: latest(registeredLate), all: latest(registered) },
    formula: '100 × registrations that were late ÷ registrations, of 30 days',
    value: shareOf,
  }),
]
