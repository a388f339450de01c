import { aboutCases, each } from './case-about.ts'
import {
  groupedPlaces,
  handlingMeanDays,
  handlingP95Days,
  inProcess,
  minClosedOfShare,
  onTimeFormula,
  onTimePercent,
  onTimeUnconfirmed,
  overdue,
  places,
  punctual,
  received,
  resolved,
  resolvedLate,
  shareOf,
} from './case-formulas.ts'
import { type CaseAttributes, caseIndicator } from './case-indicator.ts'
import { derived, latest } from './indicator.ts'
import { day, month, thirtyDays } from './periods.ts'
import { unconfirmed } from './unconfirmed.ts'

type Attributes = CaseAttributes<'one_stop'>

const isOnline = ({ online }: Attributes) => online === true
const isDigitised = ({ digitised }: Attributes) => digitised === true
/** A dossier of which it is not known counts as one that has to be paid for. */
const isPayable = ({ fee }: Attributes) => fee !== false
const isPaidOnline = ({ fee, paid_online }: Attributes) => fee !== false && paid_online === true

const words = {
  cases: { vi: 'hồ sơ một cửa', en: 'one-stop dossiers' },
  opened: { vi: 'được tiếp nhận', en: 'received' },
  closed: { vi: 'giải quyết xong', en: 'resolved' },
} as const
const dossiers = aboutCases(words)
const onlineDossiers = aboutCases({
  ...words,
  cases: { vi: 'hồ sơ một cửa nộp trực tuyến', en: 'one-stop dossiers submitted online and' },
})

const progressRule = '766/QĐ-TTg, "tiến độ giải quyết"'

const ofDossiers = { unit: '1', source: 'one_stop', window: thirtyDays, scopes: places } as const

/** Exported for the index of public services. */
export const onTimeShare = caseIndicator({
  ...ofDossiers,
  id: 'one_stop_on_time_30d',
  title: { vi: 'Tỷ lệ hồ sơ đúng hạn, 30 ngày', en: 'Dossiers on time, 30 days' },
  about: dossiers.onTime(thirtyDays),
  unit: '%',
  levels: punctual,
  target: 98,
  formula: onTimeFormula,
  unconfirmed: onTimeUnconfirmed,
  reference: progressRule,
  minClosed: minClosedOfShare,
  value: onTimePercent,
})

const allReceived = caseIndicator({
  ...ofDossiers,
  id: 'one_stop_received_30d',
  title: { vi: 'Hồ sơ tiếp nhận, 30 ngày', en: 'Dossiers received, 30 days' },
  about: dossiers.received(thirtyDays),
  formula: 'dossiers opened in 30 days',
  value: received,
})

const receivedOnline = caseIndicator({
  ...ofDossiers,
  id: 'one_stop_received_online_30d',
  title: { vi: 'Hồ sơ nộp trực tuyến, 30 ngày', en: 'Dossiers submitted online, 30 days' },
  about: onlineDossiers.received(thirtyDays),
  where: isOnline,
  formula: 'dossiers opened in 30 days that were submitted online',
  value: received,
})

const allResolved = caseIndicator({
  ...ofDossiers,
  id: 'one_stop_resolved_30d',
  title: { vi: 'Hồ sơ đã giải quyết, 30 ngày', en: 'Dossiers resolved, 30 days' },
  about: dossiers.resolved(thirtyDays),
  formula: 'dossiers closed in 30 days',
  value: resolved,
})

const digitised = caseIndicator({
  ...ofDossiers,
  id: 'one_stop_digitised_30d',
  title: { vi: 'Hồ sơ đã số hóa kết quả, 30 ngày', en: 'Dossiers with a digitised result, 30 days' },
  about: {
    vi: 'Đếm số hồ sơ một cửa giải quyết xong trong 30 ngày gần nhất có kết quả đã được số hóa, tức là lưu thành bản điện tử.',
    en: 'Counts the one-stop dossiers resolved in the last 30 days whose result was digitised, that is, kept in electronic form.',
  },
  where: isDigitised,
  formula: 'dossiers closed in 30 days whose result is digitised',
  value: resolved,
})

const payable = caseIndicator({
  ...ofDossiers,
  id: 'one_stop_payable_30d',
  title: { vi: 'Hồ sơ phải nộp phí đã giải quyết, 30 ngày', en: 'Dossiers resolved with a fee, 30 days' },
  about: {
    vi: 'Đếm số hồ sơ một cửa giải quyết xong trong 30 ngày gần nhất mà người dân phải nộp phí, lệ phí; hồ sơ không rõ có phí hay không cũng được tính.',
    en: 'Counts the one-stop dossiers resolved in the last 30 days for which a fee is due; those of which this is not known count too.',
  },
  where: isPayable,
  formula: 'dossiers closed in 30 days that have a fee, or of which it is not known',
  value: resolved,
})

const paidOnline = caseIndicator({
  ...ofDossiers,
  id: 'one_stop_paid_online_30d',
  title: { vi: 'Hồ sơ thanh toán trực tuyến, 30 ngày', en: 'Dossiers paid online, 30 days' },
  about: {
    vi: 'Đếm số hồ sơ một cửa giải quyết xong trong 30 ngày gần nhất mà phí, lệ phí được nộp trực tuyến.',
    en: 'Counts the one-stop dossiers resolved in the last 30 days whose fee was paid online.',
  },
  where: isPaidOnline,
  formula: 'dossiers closed in 30 days whose fee was paid online',
  value: resolved,
})

const share = { unit: '%', window: thirtyDays, scopes: places, value: shareOf } as const

/** Exported for the index of public services. */
export const onlineShare = derived({
  ...share,
  id: 'one_stop_online_share_30d',
  title: { vi: 'Tỷ lệ hồ sơ nộp trực tuyến, 30 ngày', en: 'Dossiers submitted online, share, 30 days' },
  about: {
    vi: 'Số hồ sơ nộp trực tuyến chia cho tổng số hồ sơ tiếp nhận trong 30 ngày gần nhất, tính bằng phần trăm.',
    en: 'Dossiers submitted online divided by all dossiers received in the last 30 days, in per cent.',
  },
  levels: { direction: 'below', attention: 70, warning: 50, critical: 30 },
  reference: '766/QĐ-TTg, "cung cấp dịch vụ trực tuyến"',
  unconfirmed: unconfirmed.startingLevels,
  inputs: { part: latest(receivedOnline), all: latest(allReceived) },
  formula: '100 × dossiers submitted online ÷ dossiers received, of 30 days',
})

/** Exported for the index of public services. */
export const onlinePaymentShare = derived({
  ...share,
  id: 'one_stop_online_payment_share_30d',
  title: { vi: 'Tỷ lệ hồ sơ thanh toán trực tuyến, 30 ngày', en: 'Dossiers paid online, share, 30 days' },
  about: {
    vi: 'Số hồ sơ nộp phí, lệ phí trực tuyến chia cho tổng số hồ sơ phải nộp phí, tính bằng phần trăm trên số giải quyết xong trong 30 ngày gần nhất.',
    en: 'Dossiers paid online divided by all dossiers with a fee, in per cent of those resolved in the last 30 days.',
  },
  levels: { direction: 'below', attention: 60, warning: 40, critical: 20 },
  reference: '766/QĐ-TTg, "thanh toán trực tuyến"',
  unconfirmed: unconfirmed.startingLevels,
  inputs: { part: latest(paidOnline), all: latest(payable) },
  formula: '100 × dossiers paid online ÷ dossiers with a fee, of those resolved in 30 days',
})

/** Exported for the index of public services. */
export const digitisedShare = derived({
  ...share,
  id: 'one_stop_digitised_share_30d',
  title: { vi: 'Tỷ lệ hồ sơ có kết quả số hóa, 30 ngày', en: 'Dossiers digitised, share, 30 days' },
  about: {
    vi: 'Số hồ sơ có kết quả đã số hóa chia cho tổng số hồ sơ giải quyết xong trong 30 ngày gần nhất, tính bằng phần trăm.',
    en: 'Dossiers with a digitised result divided by all dossiers resolved in the last 30 days, in per cent.',
  },
  levels: { direction: 'below', attention: 90, warning: 70, critical: 50 },
  reference: '766/QĐ-TTg, "số hóa hồ sơ"',
  unconfirmed: unconfirmed.startingLevels,
  inputs: { part: latest(digitised), all: latest(allResolved) },
  formula: '100 × dossiers with a digitised result ÷ dossiers resolved, of 30 days',
})

/** Dossiers of the one-stop desks. */
export const publicServiceIndicators = [
  caseIndicator({
    ...ofDossiers,
    id: 'one_stop_received_day',
    title: { vi: 'Hồ sơ tiếp nhận trong ngày', en: 'Dossiers received, day' },
    about: dossiers.received(day),
    window: day,
    formula: 'dossiers opened in the day',
    value: received,
  }),
  caseIndicator({
    ...ofDossiers,
    id: 'one_stop_received_month',
    title: { vi: 'Hồ sơ tiếp nhận trong tháng', en: 'Dossiers received, month' },
    about: dossiers.received(month),
    window: month,
    formula: 'dossiers opened in the month',
    value: received,
  }),
  caseIndicator({
    ...ofDossiers,
    id: 'one_stop_resolved_day',
    title: { vi: 'Hồ sơ đã giải quyết trong ngày', en: 'Dossiers resolved, day' },
    about: dossiers.resolved(day),
    window: day,
    formula: 'dossiers closed in the day',
    value: resolved,
  }),
  caseIndicator({
    ...ofDossiers,
    id: 'one_stop_resolved_month',
    title: { vi: 'Hồ sơ đã giải quyết trong tháng', en: 'Dossiers resolved, month' },
    about: dossiers.resolved(month),
    window: month,
    formula: 'dossiers closed in the month',
    value: resolved,
  }),
  caseIndicator({
    ...ofDossiers,
    id: 'one_stop_in_process',
    title: { vi: 'Hồ sơ đang giải quyết', en: 'Dossiers in process' },
    about: dossiers.inProcess(),
    formula: 'dossiers open at the end of the window',
    value: inProcess,
  }),
  caseIndicator({
    ...ofDossiers,
    id: 'one_stop_overdue',
    title: { vi: 'Hồ sơ quá hạn', en: 'Dossiers overdue' },
    about: dossiers.overdue(),
    levels: { direction: 'above', attention: 1, warning: 10, critical: 50 },
    unconfirmed: unconfirmed.startingLevels,
    formula: 'dossiers open at the end of the window whose due time has passed',
    value: overdue,
  }),
  onTimeShare,
  caseIndicator({
    ...ofDossiers,
    id: 'one_stop_on_time_month',
    title: { vi: 'Tỷ lệ hồ sơ đúng hạn trong tháng', en: 'Dossiers on time, month' },
    about: dossiers.onTime(month),
    unit: '%',
    window: month,
    levels: punctual,
    target: 98,
    formula: onTimeFormula,
    unconfirmed: onTimeUnconfirmed,
    reference: progressRule,
    minClosed: minClosedOfShare,
    value: onTimePercent,
  }),
  caseIndicator({
    ...ofDossiers,
    id: 'one_stop_handling_mean_30d',
    title: { vi: 'Thời gian giải quyết trung bình, 30 ngày', en: 'Handling time, mean, 30 days' },
    about: dossiers.handlingMean(thirtyDays),
    unit: 'd',
    formula: 'mean(closed − opened) of dossiers closed in 30 days',
    value: handlingMeanDays,
  }),
  caseIndicator({
    ...ofDossiers,
    id: 'one_stop_handling_p95_30d',
    title: { vi: 'Thời gian giải quyết của 95 % hồ sơ, 30 ngày', en: 'Handling time, p95, 30 days' },
    about: dossiers.handlingP95(thirtyDays),
    unit: 'd',
    formula: 'p95(closed − opened) of dossiers closed in 30 days, within 1 %',
    value: handlingP95Days,
  }),
  caseIndicator({
    ...ofDossiers,
    id: 'one_stop_received_month_by_field',
    title: { vi: 'Hồ sơ tiếp nhận trong tháng, theo lĩnh vực', en: 'Dossiers received, month, by field' },
    about: dossiers.received(month, each.field),
    window: month,
    scopes: groupedPlaces,
    by: 'field',
    formula: 'dossiers of the field opened in the month',
    value: received,
  }),
  caseIndicator({
    ...ofDossiers,
    id: 'one_stop_in_process_by_field',
    title: { vi: 'Hồ sơ đang giải quyết, theo lĩnh vực', en: 'Dossiers in process, by field' },
    about: dossiers.inProcess(each.field),
    window: day,
    scopes: groupedPlaces,
    by: 'field',
    formula: 'dossiers of the field open at the end of the day',
    value: inProcess,
  }),
  caseIndicator({
    ...ofDossiers,
    id: 'one_stop_overdue_by_field',
    title: { vi: 'Hồ sơ quá hạn, theo lĩnh vực', en: 'Dossiers overdue, by field' },
    about: dossiers.overdue(each.field),
    window: day,
    scopes: groupedPlaces,
    by: 'field',
    formula: 'dossiers of the field open at the end of the day whose due time has passed',
    value: overdue,
  }),
  caseIndicator({
    ...ofDossiers,
    id: 'one_stop_on_time_month_by_field',
    title: { vi: 'Tỷ lệ hồ sơ đúng hạn trong tháng, theo lĩnh vực', en: 'Dossiers on time, month, by field' },
    about: dossiers.onTime(month, each.field),
    unit: '%',
    window: month,
    scopes: groupedPlaces,
    by: 'field',
    levels: punctual,
    target: 98,
    formula: onTimeFormula,
    unconfirmed: onTimeUnconfirmed,
    reference: progressRule,
    minClosed: minClosedOfShare,
    value: onTimePercent,
  }),
  caseIndicator({
    ...ofDossiers,
    id: 'one_stop_received_online_month',
    title: { vi: 'Hồ sơ nộp trực tuyến trong tháng', en: 'Dossiers submitted online, month' },
    about: onlineDossiers.received(month),
    window: month,
    where: isOnline,
    formula: 'dossiers opened in the month that were submitted online',
    value: received,
  }),
  caseIndicator({
    ...ofDossiers,
    id: 'one_stop_resolved_late_month',
    title: { vi: 'Hồ sơ giải quyết trễ hạn trong tháng', en: 'Dossiers resolved late, month' },
    about: dossiers.resolvedLate(month),
    window: month,
    levels: { direction: 'above', attention: 10, warning: 25, critical: 50 },
    unconfirmed: unconfirmed.startingLevels,
    formula: 'dossiers closed in the month after their due time',
    value: resolvedLate,
  }),
  caseIndicator({
    ...ofDossiers,
    id: 'one_stop_handling_mean_month',
    title: { vi: 'Thời gian giải quyết trung bình trong tháng', en: 'Handling time, mean, month' },
    about: dossiers.handlingMean(month),
    unit: 'd',
    window: month,
    formula: 'mean(closed − opened) of dossiers closed in the month',
    value: handlingMeanDays,
  }),
  caseIndicator({
    ...ofDossiers,
    id: 'one_stop_overdue_by_unit',
    title: { vi: 'Hồ sơ quá hạn, theo đơn vị', en: 'Dossiers overdue, by unit' },
    about: dossiers.overdue(each.unit),
    window: day,
    scopes: groupedPlaces,
    by: 'unit',
    levels: { direction: 'above', attention: 1, warning: 10, critical: 50 },
    unconfirmed: unconfirmed.startingLevels,
    formula: 'dossiers of the unit open at the end of the day whose due time has passed',
    value: overdue,
  }),
  caseIndicator({
    ...ofDossiers,
    id: 'one_stop_on_time_month_by_unit',
    title: { vi: 'Tỷ lệ hồ sơ đúng hạn trong tháng, theo đơn vị', en: 'Dossiers on time, month, by unit' },
    about: dossiers.onTime(month, each.unit),
    unit: '%',
    window: month,
    scopes: groupedPlaces,
    by: 'unit',
    levels: punctual,
    target: 98,
    formula: onTimeFormula,
    unconfirmed: onTimeUnconfirmed,
    reference: progressRule,
    minClosed: minClosedOfShare,
    value: onTimePercent,
  }),
  allReceived,
  receivedOnline,
  onlineShare,
  allResolved,
  digitised,
  digitisedShare,
  payable,
  paidOnline,
  onlinePaymentShare,
]
