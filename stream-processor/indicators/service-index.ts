import { publishedShare, ratedSatisfied, reportSatisfaction } from './citizen-reports.ts'
import { type DerivedInput, derived, latest } from './indicator.ts'
import { thirtyDays } from './periods.ts'
import { digitisedShare, onlinePaymentShare, onlineShare, onTimeShare } from './public-services.ts'
import { unconfirmed } from './unconfirmed.ts'
import { reasons } from './words.ts'

/**
 * The index of decision 766/QĐ-TTg, of 30 days: five groups with 100 points together, of which each is computed from what
 * the centre has. See decision 38.
 */

const rule = '766/QĐ-TTg'
/** Dossiers are at the one-stop desk, ratings at the portal: an area has both, and not each of its sites. */
const common = { unit: '{point}', window: thirtyDays, scopes: ['area', 'district'], reference: rule } as const

type Values<I extends Readonly<Record<string, DerivedInput>>> = {
  readonly [K in keyof I]: readonly (number | undefined)[]
}

/** The mean of percentages that have a value, by their weights; `undefined` where none has one. */
function weightedPercent(parts: readonly (readonly [percent: number | undefined, weight: number])[]) {
  const known = parts.flatMap(([percent, weight]) => (percent === undefined ? [] : [{ percent, weight }]))
  const weights = known.reduce((sum, { weight }) => sum + weight, 0)
  return weights === 0 ? undefined : known.reduce((sum, { percent, weight }) => sum + percent * weight, 0) / weights
}

const pointsOf = (percent: number | undefined, most: number): number | undefined =>
  percent === undefined ? undefined : (most * Math.min(100, percent)) / 100

export const groupPoints = { transparency: 18, progress: 20, digitisation: 22, online: 22, satisfaction: 18 } as const
const allPoints = 100

/** Of the 22 points of online services. */
const onlineWeights = { submitted: 12, paid: 10 } as const

const transparency = derived({
  ...common,
  id: 'service_transparency_points',
  title: { vi: 'Điểm công khai, minh bạch (tối đa 18)', en: 'Points of transparency (of 18)' },
  about: {
    vi: '18 điểm nhân với tỷ lệ thủ tục đã công khai trên số phải công khai. Chưa tính việc công khai kết quả trên Cổng Dịch vụ công quốc gia.',
    en: '18 points times the share of procedures published of those to be published. Results published on the national portal are not covered.',
  },
  inputs: { published: latest(publishedShare) },
  formula:
    '18 × procedures published ÷ procedures to be published. Not covered: results published on the national portal',
  unconfirmed: unconfirmed.groupPoints,
  value: ({ published: [percent] }) => pointsOf(percent, groupPoints.transparency),
})

const progress = derived({
  ...common,
  id: 'service_progress_points',
  title: { vi: 'Điểm tiến độ giải quyết (tối đa 20)', en: 'Points of progress (of 20)' },
  about: {
    vi: '20 điểm nhân với tỷ lệ hồ sơ một cửa đúng hạn trong 30 ngày gần nhất. Chưa tính việc đồng bộ hồ sơ lên Cổng Dịch vụ công quốc gia.',
    en: '20 points times the share of one-stop dossiers on time in the last 30 days. Synchronisation with the national portal is not covered.',
  },
  inputs: { onTime: latest(onTimeShare) },
  formula: '20 × share of dossiers on time. Not covered: dossiers that are synchronised with the national portal',
  unconfirmed: unconfirmed.groupPoints,
  value: ({ onTime: [percent] }) => pointsOf(percent, groupPoints.progress),
})

const digitisation = derived({
  ...common,
  id: 'service_digitisation_points',
  title: { vi: 'Điểm số hóa hồ sơ (tối đa 22)', en: 'Points of digitisation (of 22)' },
  about: {
    vi: '22 điểm nhân với tỷ lệ hồ sơ có kết quả đã số hóa trong 30 ngày gần nhất. Chưa tính số hóa thành phần hồ sơ và việc khai thác, sử dụng lại.',
    en: '22 points times the share of dossiers with a digitised result in the last 30 days. Digitised components and their reuse are not covered.',
  },
  inputs: { digitised: latest(digitisedShare) },
  formula:
    '22 × share of dossiers with a digitised result. Not covered: digitised components of dossiers, their reuse, ' +
    'electronic results',
  unconfirmed: unconfirmed.groupPoints,
  value: ({ digitised: [percent] }) => pointsOf(percent, groupPoints.digitisation),
})

const online = derived({
  ...common,
  id: 'service_online_points',
  title: { vi: 'Điểm dịch vụ trực tuyến (tối đa 22)', en: 'Points of online services (of 22)' },
  about: {
    vi: '22 điểm gồm hai phần: 12 điểm nhân tỷ lệ hồ sơ nộp trực tuyến, 10 điểm nhân tỷ lệ thanh toán trực tuyến. Phần nào không có số liệu thì lấy phần còn lại.',
    en: '22 points in two parts: 12 times the share submitted online, 10 times the share paid online. Where a part has no data, the other counts alone.',
  },
  inputs: { submitted: latest(onlineShare), paid: latest(onlinePaymentShare) },
  formula:
    '22 × (12 × share submitted online + 10 × share paid online) ÷ 22; where one of them has no value, the other alone. ' +
    'Not covered: share of the procedures that are offered online',
  unconfirmed: unconfirmed.onlinePoints,
  value: ({ submitted: [sent], paid: [paid] }) =>
    pointsOf(
      weightedPercent([
        [sent, onlineWeights.submitted],
        [paid, onlineWeights.paid],
      ]),
      groupPoints.online,
    ),
})

const satisfaction = derived({
  ...common,
  id: 'service_satisfaction_points',
  title: { vi: 'Điểm mức độ hài lòng (tối đa 18)', en: 'Points of satisfaction (of 18)' },
  about: {
    vi: '18 điểm nhân với trung bình của tỷ lệ đánh giá hài lòng và mức độ hài lòng về xử lý phản ánh. Thiếu một số liệu thì lấy số liệu còn lại.',
    en: '18 points times the mean of the share of satisfied ratings and the satisfaction with reports. Where one has no data, the other counts alone.',
  },
  inputs: { ratings: latest(ratedSatisfied), reports: latest(reportSatisfaction) },
  formula:
    '18 × mean of the share of satisfied ratings and the satisfaction with reports; where one of them has no value, the ' +
    'other alone',
  unconfirmed: unconfirmed.satisfactionPoints,
  value: ({ ratings: [rated], reports: [reported] }) =>
    pointsOf(
      weightedPercent([
        [rated, 1],
        [reported, 1],
      ]),
      groupPoints.satisfaction,
    ),
})

const groups = {
  transparency: latest(transparency),
  progress: latest(progress),
  digitisation: latest(digitisation),
  online: latest(online),
  satisfaction: latest(satisfaction),
} as const

/** Points that the groups with a value have together, and the most that they could have. */
function pointsAndMost(of: Values<typeof groups>): { readonly points: number; readonly most: number } {
  let points = 0
  let most = 0
  for (const name of Object.keys(groupPoints) as (keyof typeof groupPoints)[]) {
    const value = of[name][0]
    if (value === undefined) continue
    points += value
    most += groupPoints[name]
  }
  return { points, most }
}

export const serviceIndexIndicators = [
  transparency,
  progress,
  digitisation,
  online,
  satisfaction,
  derived({
    ...common,
    id: 'service_index',
    title: { vi: 'Chỉ số phục vụ người dân (thang 100)', en: 'Index of public services (of 100)' },
    about: {
      vi: '100 nhân tổng điểm của các nhóm có số liệu chia cho tổng điểm tối đa của các nhóm đó, theo Quyết định 766/QĐ-TTg. Nhóm chưa có số liệu không làm tăng hay giảm chỉ số.',
      en: '100 times the points of the groups that have data, divided by the most these groups can have (decision 766/QĐ-TTg). A group without data counts neither way.',
    },
    inputs: groups,
    levels: { direction: 'below', attention: 80, warning: 70, critical: 50 },
    target: 90,
    formula:
      '100 × points of the groups that have a value ÷ the most points of these groups: a group without data counts ' +
      'neither for nor against. service_index_coverage says how many of the 100 points have data. ' +
      'Not covered in any case: results published on the national portal, synchronised dossiers, digitised components of ' +
      'dossiers and their reuse, electronic results, share of the procedures offered online',
    unconfirmed: reasons(unconfirmed.groupPoints, unconfirmed.startingTarget, unconfirmed.startingLevels),
    value: (of) => {
      const { points, most } = pointsAndMost(of)
      return most === 0 ? undefined : (allPoints * points) / most
    },
  }),
  derived({
    ...common,
    id: 'service_index_coverage',
    title: { vi: 'Số điểm có số liệu của chỉ số phục vụ', en: 'Points of the index that have data' },
    about: {
      vi: 'Tổng điểm tối đa của các nhóm đang có số liệu, trên 100 điểm của Quyết định 766/QĐ-TTg. Dưới 100 nghĩa là chỉ số phục vụ còn thiếu nhóm.',
      en: 'The most points of the groups that have data, of the 100 of decision 766/QĐ-TTg. Below 100 the index of public services lacks a group.',
    },
    inputs: groups,
    levels: { direction: 'below', attention: 99, warning: 80, critical: 60 },
    target: allPoints,
    formula: 'most points of the groups that have a value: 18, 20, 22, 22 and 18',
    unconfirmed: unconfirmed.startingLevels,
    value: (of) => pointsAndMost(of).most,
  }),
]
