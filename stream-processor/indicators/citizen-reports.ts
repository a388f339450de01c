import { sum, totalOfLast } from '../engine/aggregates/aggregates.ts'
import { aboutCases, each } from './case-about.ts'
import {
  dueOrResolved,
  groupedPlaces,
  handlingMeanDays,
  handlingMedianDays,
  inProcess,
  late,
  minClosedOfShare,
  onTimeFormula,
  onTimePercent,
  overdue,
  places,
  punctual,
  received,
  resolved,
} from './case-formulas.ts'
import { type CaseAttributes, caseIndicator } from './case-indicator.ts'
import { flowOf } from './flow.ts'
import { derived, indicator, latest } from './indicator.ts'
import { dailyHold, day, month, sevenDays, thirtyDays } from './periods.ts'
import { percentOf } from './ratios.ts'
import { unconfirmed } from './unconfirmed.ts'
import { reasons } from './words.ts'

type Attributes = CaseAttributes<'citizen_report'>

const isWithinCompetence = ({ within_competence }: Attributes) => within_competence !== false
/** On a scale from 1 to 5. */
const isDissatisfied = ({ within_competence, satisfaction }: Attributes) =>
  within_competence !== false && typeof satisfaction === 'number' && satisfaction <= 2

const words = {
  cases: { vi: 'phản ánh, kiến nghị', en: "citizens' reports" },
  opened: { vi: 'được tiếp nhận', en: 'received' },
  closed: { vi: 'trả lời', en: 'answered' },
} as const
const reports = aboutCases(words)
const competentReports = aboutCases({
  ...words,
  cases: { vi: 'phản ánh thuộc thẩm quyền', en: 'reports within competence' },
})

const satisfactionRule = '766/QĐ-TTg, "xử lý phản ánh, kiến nghị"'

const ofReports = { unit: '1', source: 'citizen_report', window: thirtyDays, scopes: places } as const

const all = caseIndicator({
  ...ofReports,
  id: 'report_handled_30d',
  title: { vi: 'Phản ánh đã trả lời hoặc quá hạn, 30 ngày', en: 'Reports answered or due, 30 days' },
  about: {
    vi: 'Đếm số phản ánh thuộc thẩm quyền đã trả lời trong 30 ngày gần nhất, cộng số chưa trả lời mà đã quá hạn. Là mẫu số của mức độ hài lòng.',
    en: 'Counts the reports within competence answered in the last 30 days, and those open past their due time. Satisfaction is computed over them.',
  },
  where: isWithinCompetence,
  formula: 'reports within competence: closed in 30 days + overdue at the end',
  value: dueOrResolved,
})

const lateReports = caseIndicator({
  ...ofReports,
  id: 'report_late_30d',
  title: { vi: 'Phản ánh trễ hạn, 30 ngày', en: 'Late reports, 30 days' },
  about: {
    vi: 'Đếm số phản ánh thuộc thẩm quyền trả lời sau thời hạn trong 30 ngày gần nhất, cộng số chưa trả lời mà đã quá hạn.',
    en: 'Counts the reports within competence answered late in the last 30 days, and those open past their due time.',
  },
  where: isWithinCompetence,
  formula: 'reports within competence: closed after the due time in 30 days + overdue at the end',
  value: late,
})

const dissatisfied = caseIndicator({
  ...ofReports,
  id: 'report_dissatisfied_30d',
  title: { vi: 'Phản ánh chưa hài lòng, 30 ngày', en: 'Reports with a dissatisfied citizen, 30 days' },
  about: {
    vi: 'Đếm số phản ánh thuộc thẩm quyền đã trả lời trong 30 ngày gần nhất mà người dân chấm 1 hoặc 2 trên thang điểm 5.',
    en: 'Counts the reports within competence answered in the last 30 days that the citizen rated 1 or 2 of 5.',
  },
  where: isDissatisfied,
  levels: { direction: 'above', attention: 5, warning: 10, critical: 20 },
  formula: 'reports within competence closed in 30 days with a satisfaction of 1 or 2 of 5',
  unconfirmed: unconfirmed.dissatisfactionLimit,
  value: resolved,
})

/** From 0 to 100; exported for the index of public services. */
export const reportSatisfaction = derived({
  id: 'report_satisfaction_30d',
  title: { vi: 'Mức độ hài lòng về xử lý phản ánh, 30 ngày', en: "Satisfaction with citizens' reports, 30 days" },
  about: {
    vi: 'Lấy số phản ánh đã hoặc phải trả lời trong 30 ngày, trừ số không hài lòng và số trễ hạn, chia cho tổng số, tính bằng phần trăm, thấp nhất là 0.',
    en: 'Reports answered or due in 30 days, less those rated poorly and those that were late, divided by all, in per cent; at least 0.',
  },
  unit: '%',
  window: thirtyDays,
  scopes: places,
  levels: { direction: 'below', attention: 90, warning: 80, critical: 70 },
  reference: satisfactionRule,
  unconfirmed: reasons(unconfirmed.dissatisfactionLimit, unconfirmed.startingLevels),
  inputs: { all: latest(all), late: latest(lateReports), dissatisfied: latest(dissatisfied) },
  formula:
    '100 × (all − dissatisfied − overdue) ÷ all, at least 0. All: closed or due in 30 days. ' +
    'A report that is both dissatisfied and overdue is subtracted twice',
  value: ({ all: [whole], late: [tooLate = 0], dissatisfied: [unhappy = 0] }) =>
    whole === undefined ? undefined : percentOf(Math.max(0, whole - unhappy - tooLate), whole),
})

const portalFlow = flowOf('portal', { vi: 'các đơn vị', en: 'the units' })
const visits = { vi: 'lượt truy cập cổng thông tin', en: 'portal visits' } as const

/** Of procedures that must be published; exported for the index of public services. */
export const publishedShare = indicator({
  id: 'portal_published_30d',
  title: { vi: 'Tỷ lệ thủ tục đã công khai', en: 'Procedures published, share' },
  about: {
    vi: 'Số thủ tục hành chính đã công khai chia cho số phải công khai, theo báo cáo gần nhất của từng cổng thông tin, tính bằng phần trăm.',
    en: 'Administrative procedures published divided by those to be published, as each portal last reported, in per cent.',
  },
  unit: '%',
  source: 'portal',
  aggregates: {
    published: totalOfLast('published_procedures', dailyHold),
    procedures: totalOfLast('procedures', dailyHold),
  },
  window: thirtyDays,
  scopes: places,
  levels: { direction: 'below', attention: 99, warning: 95, critical: 90 },
  target: 100,
  reference: '766/QĐ-TTg, "công khai, minh bạch"',
  unconfirmed: unconfirmed.startingLevels,
  formula: '100 × procedures published ÷ procedures to be published, as last reported',
  value: ({ published, procedures }) => percentOf(published, procedures),
})

/** Exported for the index of public services. */
export const ratedSatisfied = indicator({
  id: 'portal_satisfied_30d',
  title: { vi: 'Tỷ lệ đánh giá hài lòng, 30 ngày', en: 'Satisfied ratings, share, 30 days' },
  about: {
    vi: 'Số lượt người dân đánh giá hài lòng chia cho tổng số lượt đánh giá trên cổng thông tin trong 30 ngày gần nhất, tính bằng phần trăm.',
    en: 'Satisfied ratings divided by all ratings that citizens left at the portal in the last 30 days, in per cent.',
  },
  unit: '%',
  source: 'portal',
  aggregates: { satisfied: sum('ratings_satisfied'), ratings: sum('ratings') },
  window: thirtyDays,
  scopes: places,
  levels: { direction: 'below', attention: 90, warning: 80, critical: 70 },
  reference: '766/QĐ-TTg, "mức độ hài lòng"',
  unconfirmed: unconfirmed.startingLevels,
  formula: '100 × sum(ratings_satisfied) ÷ sum(ratings)',
  value: ({ satisfied, ratings }) => percentOf(satisfied, ratings),
})

/** Citizens' reports, the portal and ratings. */
export const citizenReportIndicators = [
  caseIndicator({
    id: 'report_received_day',
    title: { vi: 'Phản ánh tiếp nhận trong ngày', en: "Citizens' reports received, day" },
    about: reports.received(day),
    unit: '1',
    source: 'citizen_report',
    window: day,
    scopes: places,
    formula: 'reports opened in the day',
    value: received,
  }),
  caseIndicator({
    id: 'report_in_process',
    title: { vi: 'Phản ánh đang xử lý', en: "Citizens' reports in process" },
    about: reports.inProcess(),
    unit: '1',
    source: 'citizen_report',
    window: thirtyDays,
    scopes: places,
    formula: 'reports open at the end of the window',
    value: inProcess,
  }),
  caseIndicator({
    id: 'report_overdue',
    title: { vi: 'Phản ánh quá hạn', en: "Citizens' reports overdue" },
    about: reports.overdue(),
    unit: '1',
    source: 'citizen_report',
    window: thirtyDays,
    scopes: places,
    levels: { direction: 'above', attention: 1, warning: 5, critical: 20 },
    unconfirmed: unconfirmed.startingLevels,
    formula: 'reports open at the end of the window whose due time has passed',
    value: overdue,
  }),
  caseIndicator({
    id: 'report_on_time_30d',
    title: { vi: 'Tỷ lệ phản ánh đúng hạn, 30 ngày', en: "Citizens' reports on time, 30 days" },
    about: competentReports.onTime(thirtyDays),
    unit: '%',
    source: 'citizen_report',
    window: thirtyDays,
    scopes: places,
    where: isWithinCompetence,
    levels: punctual,
    formula: `${onTimeFormula}; of reports within competence`,
    reference: satisfactionRule,
    unconfirmed: unconfirmed.startingLevels,
    minClosed: minClosedOfShare,
    value: onTimePercent,
  }),
  caseIndicator({
    id: 'report_received_month_by_category',
    title: { vi: 'Phản ánh tiếp nhận trong tháng, theo nhóm', en: "Citizens' reports received, month, by category" },
    about: reports.received(month, each.category),
    unit: '1',
    source: 'citizen_report',
    window: month,
    scopes: groupedPlaces,
    by: 'category',
    formula: 'reports of the category opened in the month',
    value: received,
  }),
  caseIndicator({
    ...ofReports,
    id: 'report_received_month',
    title: { vi: 'Phản ánh tiếp nhận trong tháng', en: "Citizens' reports received, month" },
    about: reports.received(month),
    window: month,
    formula: 'reports opened in the month',
    value: received,
  }),
  caseIndicator({
    ...ofReports,
    id: 'report_resolved_day',
    title: { vi: 'Phản ánh đã trả lời trong ngày', en: "Citizens' reports answered, day" },
    about: reports.resolved(day),
    window: day,
    formula: 'reports closed in the day',
    value: resolved,
  }),
  caseIndicator({
    ...ofReports,
    id: 'report_resolved_month',
    title: { vi: 'Phản ánh đã trả lời trong tháng', en: "Citizens' reports answered, month" },
    about: reports.resolved(month),
    window: month,
    formula: 'reports closed in the month',
    value: resolved,
  }),
  caseIndicator({
    ...ofReports,
    id: 'report_response_mean_30d',
    title: { vi: 'Thời gian trả lời phản ánh trung bình, 30 ngày', en: 'Response time of reports, mean, 30 days' },
    about: reports.handlingMean(thirtyDays),
    unit: 'd',
    formula: 'mean(closed − opened) of reports closed in 30 days',
    value: handlingMeanDays,
  }),
  caseIndicator({
    ...ofReports,
    id: 'report_response_median_30d',
    title: { vi: 'Thời gian trả lời phản ánh, trung vị, 30 ngày', en: 'Response time of reports, median, 30 days' },
    about: reports.handlingMedian(thirtyDays),
    unit: 'd',
    formula: 'median(closed − opened) of reports closed in 30 days, within 1 %',
    value: handlingMedianDays,
  }),
  caseIndicator({
    ...ofReports,
    id: 'report_hot_spots_7d',
    title: { vi: 'Điểm nóng phản ánh, 7 ngày, theo nhóm', en: 'Hot spots: reports of 7 days, by category' },
    about: {
      vi: 'Đếm số phản ánh, kiến nghị được tiếp nhận trong 7 ngày gần nhất của từng nhóm. Nhóm có nhiều phản ánh cùng lúc là điểm nóng cần xem xét.',
      en: "Counts the citizens' reports received in the last 7 days for each category. Many of one category at a time are a hot spot to look into.",
    },
    window: sevenDays,
    by: 'category',
    levels: { direction: 'above', attention: 20, warning: 30, critical: 50 },
    unconfirmed: unconfirmed.startingLevels,
    formula: 'reports of the category opened in 7 days',
    value: received,
  }),
  caseIndicator({
    ...ofReports,
    id: 'report_overdue_by_category',
    title: { vi: 'Phản ánh quá hạn, theo nhóm', en: "Citizens' reports overdue, by category" },
    about: reports.overdue(each.category),
    window: day,
    by: 'category',
    levels: { direction: 'above', attention: 1, warning: 5, critical: 20 },
    unconfirmed: unconfirmed.startingLevels,
    formula: 'reports of the category open at the end of the day whose due time has passed',
    value: overdue,
  }),
  caseIndicator({
    ...ofReports,
    id: 'report_in_process_by_unit',
    title: { vi: 'Phản ánh đang xử lý, theo đơn vị', en: "Citizens' reports in process, by unit" },
    about: reports.inProcess(each.unit),
    window: day,
    scopes: groupedPlaces,
    by: 'unit',
    formula: 'reports of the unit open at the end of the day',
    value: inProcess,
  }),
  caseIndicator({
    ...ofReports,
    id: 'report_received_month_by_channel',
    title: { vi: 'Phản ánh tiếp nhận trong tháng, theo kênh', en: "Citizens' reports received, month, by channel" },
    about: reports.received(month, each.channel),
    window: month,
    scopes: groupedPlaces,
    by: 'channel',
    formula: 'reports of the channel opened in the month',
    value: received,
  }),
  all,
  lateReports,
  dissatisfied,
  reportSatisfaction,
  portalFlow('portal_visits_1d', visits, 'visits', day),
  portalFlow('portal_visits_month', visits, 'visits', month),
  portalFlow('portal_questions_month', { vi: 'câu hỏi của người dân', en: "citizens' questions" }, 'questions', month),
  indicator({
    id: 'portal_answered_month',
    title: { vi: 'Tỷ lệ câu hỏi đã trả lời trong tháng', en: 'Questions answered, share, month' },
    about: {
      vi: 'Số câu hỏi đã trả lời chia cho số câu hỏi nhận được trong tháng, tính bằng phần trăm. Có thể trên 100 % khi trả lời cả câu hỏi từ trước.',
      en: 'Questions answered divided by questions asked in the month, in per cent. It exceeds 100 % while older questions are answered too.',
    },
    unit: '%',
    source: 'portal',
    aggregates: { answered: sum('answered'), questions: sum('questions') },
    window: month,
    scopes: places,
    formula: '100 × sum(answered) ÷ sum(questions): above 100 while older questions are answered',
    value: ({ answered, questions }) => percentOf(answered, questions),
  }),
  publishedShare,
  ratedSatisfied,
]
