import { deviceCount, sum, totalOfLast } from '../engine/aggregates/aggregates.ts'
import { places, startingLevels } from './case-formulas.ts'
import { indicator, type MetricOf } from './indicator.ts'
import { dailyHold, day, month } from './periods.ts'
import { percentOf, ratioOf } from './ratios.ts'

const levels = { direction: 'below', attention: 95, warning: 90, critical: 80 } as const

/** Figures of a school that stay from day to day, in all and by level. */
const stock = (id: string, vi: string, en: string, metric: MetricOf<'school', 'number'>) => {
  const common = {
    unit: '1',
    source: 'school',
    aggregates: { value: totalOfLast(metric, dailyHold) },
    window: day,
    value: ({ value }: { readonly value: number }) => value,
  } as const
  return [
    indicator({ ...common, id, title: { vi, en }, scopes: places }),
    indicator({
      ...common,
      id: `${id}_by_level`,
      title: { vi: `${vi}, theo cấp học`, en: `${en}, by level` },
      by: 'school_level',
      scopes: ['area', 'district'],
    }),
  ]
}

const attendance = {
  unit: '%',
  source: 'school',
  aggregates: { present: sum('present'), pupils: sum('pupils') },
  formula: '100 × sum(present) ÷ sum(pupils), of the days on which schools report',
  levels,
  unconfirmed: startingLevels,
  value: ({ present, pupils }: { readonly present: number; readonly pupils: number }) => percentOf(present, pupils),
} as const

/** Schools: classes, pupils, teachers, attendance. */
export const educationIndicators = [
  indicator({
    id: 'education_schools',
    title: { vi: 'Số trường', en: 'Schools' },
    unit: '1',
    source: 'school',
    aggregates: { value: deviceCount('pupils', dailyHold) },
    window: day,
    scopes: ['area', 'district'],
    formula: 'schools that have reported their pupils within 4 days',
    value: ({ value }) => value,
  }),
  indicator({
    id: 'education_schools_by_level',
    title: { vi: 'Số trường, theo cấp học', en: 'Schools, by level' },
    unit: '1',
    source: 'school',
    by: 'school_level',
    aggregates: { value: deviceCount('pupils', dailyHold) },
    window: day,
    scopes: ['area', 'district'],
    formula: 'schools of the level that have reported their pupils within 4 days',
    value: ({ value }) => value,
  }),
  ...stock('education_classes', 'Số lớp', 'Classes', 'classes'),
  ...stock('education_pupils', 'Số học sinh', 'Pupils', 'pupils'),
  ...stock('education_teachers', 'Số giáo viên', 'Teachers', 'teachers'),
  indicator({
    ...attendance,
    id: 'education_attendance_1d',
    title: { vi: 'Tỷ lệ chuyên cần trong ngày', en: 'Attendance, day' },
    window: day,
    scopes: places,
  }),
  indicator({
    ...attendance,
    id: 'education_attendance_1d_by_level',
    title: { vi: 'Tỷ lệ chuyên cần trong ngày, theo cấp học', en: 'Attendance, day, by level' },
    by: 'school_level',
    window: day,
    scopes: ['area', 'district'],
  }),
  indicator({
    ...attendance,
    id: 'education_attendance_month',
    title: { vi: 'Tỷ lệ chuyên cần trong tháng', en: 'Attendance, month' },
    window: month,
    scopes: places,
  }),
  indicator({
    id: 'education_teacher_attendance_1d',
    title: { vi: 'Tỷ lệ giáo viên có mặt trong ngày', en: 'Teachers present, share, day' },
    unit: '%',
    source: 'school',
    aggregates: { present: sum('teachers_present'), teachers: sum('teachers') },
    window: day,
    scopes: places,
    levels,
    unconfirmed: startingLevels,
    formula: '100 × sum(teachers_present) ÷ sum(teachers)',
    value: ({ present, teachers }) => percentOf(present, teachers),
  }),
  indicator({
    id: 'education_sick_share_1d',
    title: { vi: 'Tỷ lệ học sinh nghỉ ốm trong ngày', en: 'Pupils absent sick, share, day' },
    unit: '%',
    source: 'school',
    aggregates: { sick: sum('absent_sick'), pupils: sum('pupils') },
    window: day,
    scopes: places,
    levels: { direction: 'above', attention: 3, warning: 5, critical: 10 },
    unconfirmed: startingLevels,
    formula: '100 × sum(absent_sick) ÷ sum(pupils)',
    value: ({ sick, pupils }) => percentOf(sick, pupils),
  }),
  indicator({
    id: 'education_dropouts_month',
    title: { vi: 'Học sinh bỏ học trong tháng', en: 'Drop-outs, month' },
    unit: '1',
    source: 'school',
    aggregates: { value: sum('dropouts') },
    window: month,
    scopes: places,
    minSamples: 1,
    levels: { direction: 'above', attention: 1, warning: 5, critical: 20 },
    unconfirmed: startingLevels,
    value: ({ value }) => value,
  }),
  indicator({
    id: 'education_dropouts_month_by_level',
    title: { vi: 'Học sinh bỏ học trong tháng, theo cấp học', en: 'Drop-outs, month, by level' },
    unit: '1',
    source: 'school',
    by: 'school_level',
    aggregates: { value: sum('dropouts') },
    window: month,
    scopes: ['area', 'district'],
    value: ({ value }) => value,
  }),
  indicator({
    id: 'education_pupils_per_teacher',
    title: { vi: 'Số học sinh trên một giáo viên', en: 'Pupils per teacher' },
    unit: '1',
    source: 'school',
    aggregates: { pupils: totalOfLast('pupils', dailyHold), teachers: totalOfLast('teachers', dailyHold) },
    window: day,
    scopes: places,
    formula: 'pupils ÷ teachers, as last reported',
    value: ({ pupils, teachers }) => ratioOf(pupils, teachers),
  }),
  indicator({
    id: 'education_pupils_per_class',
    title: { vi: 'Số học sinh trên một lớp', en: 'Pupils per class' },
    unit: '1',
    source: 'school',
    aggregates: { pupils: totalOfLast('pupils', dailyHold), classes: totalOfLast('classes', dailyHold) },
    window: day,
    scopes: places,
    formula: 'pupils ÷ classes, as last reported',
    value: ({ pupils, classes }) => ratioOf(pupils, classes),
  }),
]
