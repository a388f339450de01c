import { publishedShare, ratedSatisfied, reportSatisfaction } from './citizen-reports.ts'
import { type DerivedInput, derived, latest } from './indicator.ts'
import { thirtyDays } from './periods.ts'
import { digitisedShare, onlinePaymentShare, onlineShare, onTimeShare } from './public-services.ts'

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
  inputs: { published: latest(publishedShare) },
  formula:
    '18 × procedures published ÷ procedures to be published. Not covered: results published on the national portal',
  unconfirmed: 'the components of the group and their points',
  value: ({ published: [percent] }) => pointsOf(percent, groupPoints.transparency),
})

const progress = derived({
  ...common,
  id: 'service_progress_points',
  title: { vi: 'Điểm tiến độ, kết quả giải quyết (tối đa 20)', en: 'Points of progress (of 20)' },
  inputs: { onTime: latest(onTimeShare) },
  formula: '20 × share of dossiers on time. Not covered: dossiers that are synchronised with the national portal',
  unconfirmed: 'the components of the group and their points',
  value: ({ onTime: [percent] }) => pointsOf(percent, groupPoints.progress),
})

const digitisation = derived({
  ...common,
  id: 'service_digitisation_points',
  title: { vi: 'Điểm số hóa hồ sơ (tối đa 22)', en: 'Points of digitisation (of 22)' },
  inputs: { digitised: latest(digitisedShare) },
  formula:
    '22 × share of dossiers with a digitised result. Not covered: digitised components of dossiers, their reuse, ' +
    'electronic results',
  unconfirmed: 'the components of the group and their points',
  value: ({ digitised: [percent] }) => pointsOf(percent, groupPoints.digitisation),
})

const online = derived({
  ...common,
  id: 'service_online_points',
  title: { vi: 'Điểm cung cấp dịch vụ trực tuyến (tối đa 22)', en: 'Points of online services (of 22)' },
  inputs: { submitted: latest(onlineShare), paid: latest(onlinePaymentShare) },
  formula:
    '22 × (12 × share submitted online + 10 × share paid online) ÷ 22; where one of them has no value, the other alone. ' +
    'Not covered: share of the procedures that are offered online',
  unconfirmed: 'the components of the group and their points, 12 and 10',
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
  inputs: { ratings: latest(ratedSatisfied), reports: latest(reportSatisfaction) },
  formula:
    '18 × mean of the share of satisfied ratings and the satisfaction with reports; where one of them has no value, the ' +
    'other alone',
  unconfirmed: 'the components of the group and their weights, here the same',
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
    title: { vi: 'Chỉ số phục vụ người dân, doanh nghiệp (thang 100)', en: 'Index of public services (of 100)' },
    inputs: groups,
    levels: { direction: 'below', attention: 80, warning: 70, critical: 50 },
    target: 90,
    formula:
      '100 × points of the groups that have a value ÷ the most points of these groups: a group without data counts ' +
      'neither for nor against. service_index_coverage says how many of the 100 points have data. ' +
      'Not covered in any case: results published on the national portal, synchronised dossiers, digitised components of ' +
      'dossiers and their reuse, electronic results, share of the procedures offered online',
    unconfirmed: 'the components of each group and their points; the target and the levels',
    value: (of) => {
      const { points, most } = pointsAndMost(of)
      return most === 0 ? undefined : (allPoints * points) / most
    },
  }),
  derived({
    ...common,
    id: 'service_index_coverage',
    title: { vi: 'Số điểm có dữ liệu của chỉ số phục vụ', en: 'Points of the index that have data' },
    inputs: groups,
    levels: { direction: 'below', attention: 99, warning: 80, critical: 60 },
    target: allPoints,
    formula: 'most points of the groups that have a value: 18, 20, 22, 22 and 18',
    unconfirmed: 'the levels, with which the operators start',
    value: (of) => pointsAndMost(of).most,
  }),
]
