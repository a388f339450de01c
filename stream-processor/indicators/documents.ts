import { mean, sum } from '../engine/aggregates/aggregates.ts'
import { aboutCases, each } from './case-about.ts'
import {
  groupedPlaces,
  handlingMeanDays,
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
  shareOf,
} from './case-formulas.ts'
import { type CaseAttributes, caseIndicator } from './case-indicator.ts'
import { derived, indicator, latest, type MetricOf } from './indicator.ts'
import { day, month, thirtyDays } from './periods.ts'
import { percentOf } from './ratios.ts'
import { unconfirmed } from './unconfirmed.ts'
import type { Words } from './words.ts'
import { reasons } from './words.ts'

type Attributes = CaseAttributes<'document'>

/** A document without a direction is one to answer. */
const isIncoming = ({ direction }: Attributes) => direction !== 'out'
const isOutgoing = ({ direction }: Attributes) => direction === 'out'
const isSignedOutgoing = ({ direction, signed }: Attributes) => direction === 'out' && signed === true

const words = {
  cases: { vi: 'văn bản', en: 'documents' },
  opened: { vi: 'được đăng ký', en: 'registered' },
  closed: { vi: 'xử lý xong', en: 'handled' },
} as const
const documents = aboutCases(words)
const incomingDocuments = aboutCases({ ...words, cases: { vi: 'văn bản đến', en: 'incoming documents' } })
const outgoingDocuments = aboutCases({
  ...words,
  cases: { vi: 'văn bản đi', en: 'outgoing documents' },
  closed: { vi: 'ban hành', en: 'issued' },
})

const ofDocuments = { unit: '1', source: 'document', scopes: places } as const

const outgoing = caseIndicator({
  ...ofDocuments,
  id: 'document_out_30d',
  title: { vi: 'Văn bản đi, 30 ngày', en: 'Outgoing documents, 30 days' },
  about: outgoingDocuments.received(thirtyDays),
  window: thirtyDays,
  where: isOutgoing,
  formula: 'outgoing documents registered in 30 days',
  value: received,
})

const issued = caseIndicator({
  ...ofDocuments,
  id: 'document_out_issued_30d',
  title: { vi: 'Văn bản đi đã ban hành, 30 ngày', en: 'Outgoing documents issued, 30 days' },
  about: outgoingDocuments.resolved(thirtyDays),
  window: thirtyDays,
  where: isOutgoing,
  formula: 'outgoing documents closed in 30 days',
  value: resolved,
})

const signed = caseIndicator({
  ...ofDocuments,
  id: 'document_out_signed_30d',
  title: { vi: 'Văn bản đi đã ký số, 30 ngày', en: 'Outgoing documents signed digitally, 30 days' },
  about: {
    vi: 'Đếm số văn bản đi đã ban hành trong 30 ngày gần nhất và đã được ký số.',
    en: 'Counts the outgoing documents issued in the last 30 days that were signed digitally.',
  },
  window: thirtyDays,
  where: isSignedOutgoing,
  formula: 'outgoing documents closed in 30 days that are signed digitally',
  value: resolved,
})

const exchangeFlow = (
  id: string,
  [vi, en]: readonly [vi: string, en: string],
  metric: MetricOf<'document_exchange', 'number'>,
  about: Words,
) =>
  indicator({
    id,
    title: { vi, en },
    about,
    unit: '1',
    source: 'document_exchange',
    aggregates: { value: sum(metric) },
    window: day,
    scopes: places,
    minSamples: 1,
    ...(metric === 'failed'
      ? {
          levels: { direction: 'above', attention: 1, warning: 5, critical: 20 },
          unconfirmed: unconfirmed.startingLevels,
        }
      : {}),
    value: ({ value }) => value,
  })

/** Official documents to answer and to send, and their exchange (edXML, QCVN 102:2016/BTTTT). */
export const documentIndicators = [
  caseIndicator({
    id: 'document_overdue_by_unit',
    title: { vi: 'Văn bản quá hạn, theo đơn vị', en: 'Documents overdue, by unit' },
    about: documents.overdue(each.unit),
    unit: '1',
    source: 'document',
    window: day,
    scopes: groupedPlaces,
    by: 'unit',
    levels: { direction: 'above', attention: 1, warning: 5, critical: 20 },
    unconfirmed: unconfirmed.startingLevels,
    formula: 'documents of the unit open at the end of the day whose due time has passed',
    value: overdue,
  }),
  caseIndicator({
    id: 'document_on_time_month_by_unit',
    title: { vi: 'Tỷ lệ văn bản đúng hạn tháng, theo đơn vị', en: 'Documents on time, month, by unit' },
    about: documents.onTime(month, each.unit),
    unit: '%',
    source: 'document',
    window: month,
    scopes: groupedPlaces,
    by: 'unit',
    levels: punctual,
    formula: onTimeFormula,
    unconfirmed: onTimeUnconfirmed,
    minClosed: minClosedOfShare,
    value: onTimePercent,
  }),
  caseIndicator({
    id: 'document_on_time_30d',
    title: { vi: 'Tỷ lệ văn bản đúng hạn, 30 ngày', en: 'Documents on time, 30 days' },
    about: documents.onTime(thirtyDays),
    unit: '%',
    source: 'document',
    window: thirtyDays,
    scopes: places,
    levels: punctual,
    formula: onTimeFormula,
    unconfirmed: onTimeUnconfirmed,
    minClosed: minClosedOfShare,
    value: onTimePercent,
  }),
  caseIndicator({
    ...ofDocuments,
    id: 'document_in_day',
    title: { vi: 'Văn bản đến trong ngày', en: 'Incoming documents, day' },
    about: incomingDocuments.received(day),
    window: day,
    where: isIncoming,
    formula: 'incoming documents registered in the day',
    value: received,
  }),
  caseIndicator({
    ...ofDocuments,
    id: 'document_in_month',
    title: { vi: 'Văn bản đến trong tháng', en: 'Incoming documents, month' },
    about: incomingDocuments.received(month),
    window: month,
    where: isIncoming,
    formula: 'incoming documents registered in the month',
    value: received,
  }),
  caseIndicator({
    ...ofDocuments,
    id: 'document_out_day',
    title: { vi: 'Văn bản đi trong ngày', en: 'Outgoing documents, day' },
    about: outgoingDocuments.received(day),
    window: day,
    where: isOutgoing,
    formula: 'outgoing documents registered in the day',
    value: received,
  }),
  caseIndicator({
    ...ofDocuments,
    id: 'document_out_month',
    title: { vi: 'Văn bản đi trong tháng', en: 'Outgoing documents, month' },
    about: outgoingDocuments.received(month),
    window: month,
    where: isOutgoing,
    formula: 'outgoing documents registered in the month',
    value: received,
  }),
  caseIndicator({
    ...ofDocuments,
    id: 'document_resolved_month',
    title: { vi: 'Văn bản đến đã xử lý trong tháng', en: 'Incoming documents handled, month' },
    about: incomingDocuments.resolved(month),
    window: month,
    where: isIncoming,
    formula: 'incoming documents closed in the month',
    value: resolved,
  }),
  caseIndicator({
    ...ofDocuments,
    id: 'document_in_process',
    title: { vi: 'Văn bản đến đang xử lý', en: 'Incoming documents in process' },
    about: incomingDocuments.inProcess(),
    window: thirtyDays,
    where: isIncoming,
    formula: 'incoming documents open at the end of the window',
    value: inProcess,
  }),
  caseIndicator({
    ...ofDocuments,
    id: 'document_overdue',
    title: { vi: 'Văn bản đến quá hạn xử lý', en: 'Incoming documents overdue' },
    about: incomingDocuments.overdue(),
    window: thirtyDays,
    where: isIncoming,
    levels: { direction: 'above', attention: 1, warning: 5, critical: 20 },
    unconfirmed: unconfirmed.startingLevels,
    formula: 'incoming documents open at the end of the window whose due time has passed',
    value: overdue,
  }),
  caseIndicator({
    ...ofDocuments,
    id: 'document_handling_mean_30d',
    title: { vi: 'Thời gian xử lý văn bản đến, 30 ngày', en: 'Handling time of documents, mean, 30 days' },
    about: incomingDocuments.handlingMean(thirtyDays),
    unit: 'd',
    window: thirtyDays,
    where: isIncoming,
    formula: 'mean(closed − opened) of incoming documents closed in 30 days',
    value: handlingMeanDays,
  }),
  caseIndicator({
    ...ofDocuments,
    id: 'document_in_month_by_unit',
    title: { vi: 'Văn bản đến trong tháng, theo đơn vị', en: 'Incoming documents, month, by unit' },
    about: incomingDocuments.received(month, each.unit),
    window: month,
    scopes: groupedPlaces,
    by: 'unit',
    where: isIncoming,
    formula: 'incoming documents of the unit registered in the month',
    value: received,
  }),
  caseIndicator({
    ...ofDocuments,
    id: 'document_in_process_by_unit',
    title: { vi: 'Văn bản đến đang xử lý, theo đơn vị', en: 'Incoming documents in process, by unit' },
    about: incomingDocuments.inProcess(each.unit),
    window: day,
    scopes: groupedPlaces,
    by: 'unit',
    where: isIncoming,
    formula: 'incoming documents of the unit open at the end of the day',
    value: inProcess,
  }),
  caseIndicator({
    ...ofDocuments,
    id: 'document_received_month_by_kind',
    title: { vi: 'Văn bản trong tháng, theo loại', en: 'Documents, month, by kind' },
    about: documents.received(month, each.kind),
    window: month,
    scopes: groupedPlaces,
    by: 'kind',
    formula: 'documents of the kind registered in the month',
    value: received,
  }),
  outgoing,
  issued,
  signed,
  derived({
    id: 'document_signed_share_30d',
    title: { vi: 'Tỷ lệ văn bản đi ký số, 30 ngày', en: 'Outgoing documents signed digitally, share, 30 days' },
    about: {
      vi: 'Số văn bản đi đã ký số chia cho tổng số văn bản đi ban hành trong 30 ngày gần nhất, tính bằng phần trăm.',
      en: 'Outgoing documents signed digitally divided by all outgoing documents issued in the last 30 days, in per cent.',
    },
    unit: '%',
    window: thirtyDays,
    scopes: places,
    levels: { direction: 'below', attention: 99, warning: 95, critical: 90 },
    target: 100,
    reference: 'Nghị định 30/2020/NĐ-CP: văn bản điện tử được ký số',
    unconfirmed: reasons(unconfirmed.startingTarget, unconfirmed.startingLevels),
    inputs: { part: latest(signed), all: latest(issued) },
    formula: '100 × outgoing documents signed digitally ÷ outgoing documents, of those closed in 30 days',
    value: shareOf,
  }),
  exchangeFlow('document_exchange_sent_1d', ['Văn bản gửi liên thông trong ngày', 'Documents sent, day'], 'sent', {
    vi: 'Cộng số văn bản điện tử mà các đơn vị đã gửi thành công qua trục liên thông trong ngày.',
    en: 'Adds up the electronic documents that the units sent successfully over the document exchange in the day.',
  }),
  exchangeFlow(
    'document_exchange_received_1d',
    ['Văn bản nhận liên thông trong ngày', 'Documents received, day'],
    'received',
    {
      vi: 'Cộng số văn bản điện tử mà các đơn vị đã nhận qua trục liên thông trong ngày.',
      en: 'Adds up the electronic documents that the units received over the document exchange in the day.',
    },
  ),
  exchangeFlow('document_exchange_failed_1d', ['Văn bản gửi lỗi trong ngày', 'Failed documents, day'], 'failed', {
    vi: 'Cộng số văn bản điện tử gửi qua trục liên thông trong ngày mà không đến được nơi nhận. Cần gửi lại.',
    en: 'Adds up the electronic documents of the day that did not reach their receiver. They have to be sent again.',
  }),
  indicator({
    id: 'document_exchange_failed_month',
    title: { vi: 'Tỷ lệ văn bản gửi lỗi trong tháng', en: 'Failed documents, share, month' },
    about: {
      vi: 'Số văn bản gửi lỗi chia cho tổng số văn bản đã gửi trong tháng, cả thành công lẫn lỗi, tính bằng phần trăm.',
      en: 'Documents that failed divided by all that were sent in the month, delivered or failed, in per cent.',
    },
    unit: '%',
    source: 'document_exchange',
    aggregates: { failed: sum('failed'), sent: sum('sent') },
    window: month,
    scopes: places,
    levels: { direction: 'above', attention: 1, warning: 3, critical: 10 },
    unconfirmed: unconfirmed.startingLevels,
    formula: '100 × sum(failed) ÷ (sum(sent) + sum(failed)): documents that failed are not among those sent',
    value: ({ failed, sent }) => percentOf(failed, sent + failed),
  }),
  indicator({
    id: 'document_exchange_signed_month',
    title: { vi: 'Tỷ lệ văn bản gửi có ký số trong tháng', en: 'Signed documents sent, share, month' },
    about: {
      vi: 'Số văn bản đã gửi có chữ ký số chia cho tổng số văn bản đã gửi qua trục liên thông trong tháng, tính bằng phần trăm.',
      en: 'Documents sent with a digital signature divided by all that were sent over the exchange in the month, in per cent.',
    },
    unit: '%',
    source: 'document_exchange',
    aggregates: { signed: sum('signed'), sent: sum('sent') },
    window: month,
    scopes: places,
    levels: { direction: 'below', attention: 99, warning: 95, critical: 90 },
    target: 100,
    unconfirmed: reasons(unconfirmed.startingTarget, unconfirmed.startingLevels),
    formula: '100 × sum(signed) ÷ sum(sent)',
    value: ({ signed: part, sent }) => percentOf(part, sent),
  }),
  indicator({
    id: 'document_exchange_delay_1d',
    title: { vi: 'Thời gian chuyển văn bản trung bình trong ngày', en: 'Delivery time of documents, mean, day' },
    about: {
      vi: 'Trung bình thời gian từ lúc gửi đến lúc nơi nhận nhận được văn bản điện tử, theo các lần báo cáo trong ngày.',
      en: 'Mean time from sending an electronic document to its receipt, over the reports of the day.',
    },
    unit: 's',
    source: 'document_exchange',
    aggregates: { value: mean('delay_s') },
    window: day,
    scopes: places,
    value: ({ value }) => value,
  }),
]
