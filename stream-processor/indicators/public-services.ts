import { type CaseFigures, caseIndicator } from './case-indicator.ts'

const day = { kind: 'calendar', unit: 'day' } as const
const month = { kind: 'calendar', unit: 'month' } as const
/** 30 days, every hour: what a board shows between two ends of months. */
const thirtyDays = { kind: 'sliding', size_s: 2_592_000, every_s: 3600 } as const

const places = ['site', 'area', 'district'] as const
/** Shared by what is grouped: every value of the attribute has each of these keys. */
const groupedPlaces = ['site', 'district'] as const

const dayMs = 86_400_000
const days = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / dayMs)

const received = ({ received: count }: CaseFigures) => count
const resolved = ({ closed }: CaseFigures) => closed
const inProcess = ({ backlog }: CaseFigures) => backlog
const overdue = ({ overdue: count }: CaseFigures) => count
/** Closed on time, of all that were closed or should have been. */
const onTimePercent = ({ closedOnTime, closed, overdue: pending }: CaseFigures) =>
  closed + pending === 0 ? undefined : (100 * closedOnTime) / (closed + pending)
const handlingMeanDays = ({ handlingMeanMs }: CaseFigures) => days(handlingMeanMs)
const handlingP95Days = ({ handlingQuantileMs }: CaseFigures) => days(handlingQuantileMs(0.95))

/** Levels are those that the operators of the centre start from. */
const punctual = { direction: 'below', attention: 98, warning: 95, critical: 90 } as const
const progressRule = '766/QĐ-TTg, "tiến độ giải quyết" [unverified: the exact formula]'
const onTimeFormula = '100 × closed on or before due ÷ (closed + overdue at the end)'

/** Indicators of one-stop dossiers, documents to answer and citizens' reports. */
export const publicServiceIndicators = [
  caseIndicator({
    id: 'one_stop_received_day',
    title: { vi: 'Hồ sơ tiếp nhận trong ngày', en: 'Dossiers received, day' },
    unit: '1',
    source: 'one_stop',
    window: day,
    scopes: places,
    formula: 'dossiers opened in the day',
    value: received,
  }),
  caseIndicator({
    id: 'one_stop_received_month',
    title: { vi: 'Hồ sơ tiếp nhận trong tháng', en: 'Dossiers received, month' },
    unit: '1',
    source: 'one_stop',
    window: month,
    scopes: places,
    formula: 'dossiers opened in the month',
    value: received,
  }),
  caseIndicator({
    id: 'one_stop_resolved_day',
    title: { vi: 'Hồ sơ đã giải quyết trong ngày', en: 'Dossiers resolved, day' },
    unit: '1',
    source: 'one_stop',
    window: day,
    scopes: places,
    formula: 'dossiers closed in the day',
    value: resolved,
  }),
  caseIndicator({
    id: 'one_stop_resolved_month',
    title: { vi: 'Hồ sơ đã giải quyết trong tháng', en: 'Dossiers resolved, month' },
    unit: '1',
    source: 'one_stop',
    window: month,
    scopes: places,
    formula: 'dossiers closed in the month',
    value: resolved,
  }),
  caseIndicator({
    id: 'one_stop_in_process',
    title: { vi: 'Hồ sơ đang giải quyết', en: 'Dossiers in process' },
    unit: '1',
    source: 'one_stop',
    window: thirtyDays,
    scopes: places,
    formula: 'dossiers open at the end of the hour',
    value: inProcess,
  }),
  caseIndicator({
    id: 'one_stop_overdue',
    title: { vi: 'Hồ sơ quá hạn', en: 'Dossiers overdue' },
    unit: '1',
    source: 'one_stop',
    window: thirtyDays,
    scopes: places,
    levels: { direction: 'above', attention: 1, warning: 10, critical: 50 },
    formula: 'dossiers open at the end of the hour whose due time has passed',
    value: overdue,
  }),
  caseIndicator({
    id: 'one_stop_on_time_30d',
    title: { vi: 'Tỷ lệ hồ sơ đúng hạn, 30 ngày', en: 'Dossiers on time, 30 days' },
    unit: '%',
    source: 'one_stop',
    window: thirtyDays,
    scopes: places,
    levels: punctual,
    target: 98,
    formula: onTimeFormula,
    reference: progressRule,
    value: onTimePercent,
  }),
  caseIndicator({
    id: 'one_stop_on_time_month',
    title: { vi: 'Tỷ lệ hồ sơ đúng hạn trong tháng', en: 'Dossiers on time, month' },
    unit: '%',
    source: 'one_stop',
    window: month,
    scopes: places,
    levels: punctual,
    target: 98,
    formula: onTimeFormula,
    reference: progressRule,
    value: onTimePercent,
  }),
  caseIndicator({
    id: 'one_stop_handling_mean_30d',
    title: { vi: 'Thời gian giải quyết trung bình, 30 ngày', en: 'Handling time, mean, 30 days' },
    unit: 'd',
    source: 'one_stop',
    window: thirtyDays,
    scopes: places,
    formula: 'mean(closed − opened) of dossiers closed in 30 days',
    value: handlingMeanDays,
  }),
  caseIndicator({
    id: 'one_stop_handling_p95_30d',
    title: { vi: 'Thời gian giải quyết, phân vị 95, 30 ngày', en: 'Handling time, p95, 30 days' },
    unit: 'd',
    source: 'one_stop',
    window: thirtyDays,
    scopes: places,
    formula: 'p95(closed − opened) of dossiers closed in 30 days, within 1 %',
    value: handlingP95Days,
  }),
  caseIndicator({
    id: 'one_stop_received_month_by_field',
    title: { vi: 'Hồ sơ tiếp nhận trong tháng, theo lĩnh vực', en: 'Dossiers received, month, by field' },
    unit: '1',
    source: 'one_stop',
    window: month,
    scopes: groupedPlaces,
    by: 'field',
    formula: 'dossiers of the field opened in the month',
    value: received,
  }),
  caseIndicator({
    id: 'one_stop_in_process_by_field',
    title: { vi: 'Hồ sơ đang giải quyết, theo lĩnh vực', en: 'Dossiers in process, by field' },
    unit: '1',
    source: 'one_stop',
    window: day,
    scopes: groupedPlaces,
    by: 'field',
    formula: 'dossiers of the field open at the end of the day',
    value: inProcess,
  }),
  caseIndicator({
    id: 'one_stop_overdue_by_field',
    title: { vi: 'Hồ sơ quá hạn, theo lĩnh vực', en: 'Dossiers overdue, by field' },
    unit: '1',
    source: 'one_stop',
    window: day,
    scopes: groupedPlaces,
    by: 'field',
    formula: 'dossiers of the field open at the end of the day whose due time has passed',
    value: overdue,
  }),
  caseIndicator({
    id: 'one_stop_on_time_month_by_field',
    title: { vi: 'Tỷ lệ hồ sơ đúng hạn trong tháng, theo lĩnh vực', en: 'Dossiers on time, month, by field' },
    unit: '%',
    source: 'one_stop',
    window: month,
    scopes: groupedPlaces,
    by: 'field',
    levels: punctual,
    target: 98,
    formula: onTimeFormula,
    reference: progressRule,
    value: onTimePercent,
  }),
  caseIndicator({
    id: 'document_overdue_by_unit',
    title: { vi: 'Văn bản quá hạn, theo đơn vị', en: 'Documents overdue, by unit' },
    unit: '1',
    source: 'document',
    window: day,
    scopes: groupedPlaces,
    by: 'unit',
    levels: { direction: 'above', attention: 1, warning: 5, critical: 20 },
    formula: 'documents of the unit open at the end of the day whose due time has passed',
    value: overdue,
  }),
  caseIndicator({
    id: 'document_on_time_month_by_unit',
    title: { vi: 'Tỷ lệ văn bản đúng hạn trong tháng, theo đơn vị', en: 'Documents on time, month, by unit' },
    unit: '%',
    source: 'document',
    window: month,
    scopes: groupedPlaces,
    by: 'unit',
    levels: punctual,
    formula: onTimeFormula,
    value: onTimePercent,
  }),
  caseIndicator({
    id: 'document_on_time_30d',
    title: { vi: 'Tỷ lệ văn bản đúng hạn, 30 ngày', en: 'Documents on time, 30 days' },
    unit: '%',
    source: 'document',
    window: thirtyDays,
    scopes: places,
    levels: punctual,
    formula: onTimeFormula,
    value: onTimePercent,
  }),
  caseIndicator({
    id: 'report_received_day',
    title: { vi: 'Phản ánh tiếp nhận trong ngày', en: "Citizens' reports received, day" },
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
    unit: '1',
    source: 'citizen_report',
    window: thirtyDays,
    scopes: places,
    formula: 'reports open at the end of the hour',
    value: inProcess,
  }),
  caseIndicator({
    id: 'report_overdue',
    title: { vi: 'Phản ánh quá hạn', en: "Citizens' reports overdue" },
    unit: '1',
    source: 'citizen_report',
    window: thirtyDays,
    scopes: places,
    levels: { direction: 'above', attention: 1, warning: 5, critical: 20 },
    formula: 'reports open at the end of the hour whose due time has passed',
    value: overdue,
  }),
  caseIndicator({
    id: 'report_on_time_30d',
    title: { vi: 'Tỷ lệ phản ánh đúng hạn, 30 ngày', en: "Citizens' reports on time, 30 days" },
    unit: '%',
    source: 'citizen_report',
    window: thirtyDays,
    scopes: places,
    levels: punctual,
    formula: onTimeFormula,
    value: onTimePercent,
  }),
  caseIndicator({
    id: 'report_received_month_by_category',
    title: { vi: 'Phản ánh tiếp nhận trong tháng, theo nhóm', en: "Citizens' reports received, month, by category" },
    unit: '1',
    source: 'citizen_report',
    window: month,
    scopes: groupedPlaces,
    by: 'category',
    formula: 'reports of the category opened in the month',
    value: received,
  }),
]
