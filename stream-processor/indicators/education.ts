import { deviceCount, sum, totalOfLast } from '../engine/aggregates/aggregates.ts'
import { places } from './case-formulas.ts'
import { indicator, type MetricOf } from './indicator.ts'
import { dailyHold, day, month } from './periods.ts'
import { percentOf, ratioOf } from './ratios.ts'
import { unconfirmed } from './unconfirmed.ts'
import { capital, during, type Words } from './words.ts'

const levels = { direction: 'below', attention: 95, warning: 90, critical: 80 } as const

/** Said of what is grouped by the level of the schools. */
const byLevel = { vi: 'Tính riêng cho từng cấp học.', en: 'Separately for each level.' } as const

/** Figures of a school that stay from day to day, in all and by level. */
const stock = (id: string, counted: Words, metric: MetricOf<'school', 'number'>) => {
  const title = { vi: `Số ${counted.vi}`, en: capital(counted.en) }
  const about = {
    vi: `Cộng số ${counted.vi} theo báo cáo gần nhất của từng trường; báo cáo cũ quá 4 ngày không được tính.`,
    en: `Adds up the ${counted.en} as each school last reported; reports older than 4 days do not count.`,
  }
  const common = {
    unit: '1',
    source: 'school',
    aggregates: { value: totalOfLast(metric, dailyHold) },
    window: day,
    value: ({ value }: { readonly value: number }) => value,
  } as const
  return [
    indicator({ ...common, id, title, about, scopes: places }),
    indicator({
      ...common,
      id: `${id}_by_level`,
      title: { vi: `${title.vi}, theo cấp học`, en: `${title.en}, by level` },
      about: { vi: `${about.vi} ${byLevel.vi}`, en: `${about.en} ${byLevel.en}` },
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
  unconfirmed: unconfirmed.startingLevels,
  value: ({ present, pupils }: { readonly present: number; readonly pupils: number }) => percentOf(present, pupils),
} as const

function aboutAttendance(window: typeof day | typeof month, note: Words = { vi: '', en: '' }): Words {
  return {
    vi: `Số học sinh có mặt chia cho tổng số học sinh, cộng các buổi học mà các trường báo cáo ${during(window).vi}, tính bằng phần trăm. ${note.vi}`.trim(),
    en: `Pupils present divided by all pupils, over the school days that were reported ${during(window).en}, in per cent. ${note.en}`.trim(),
  }
}

/** Schools: classes, pupils, teachers, attendance. */
export const educationIndicators = [
  indicator({
    id: 'education_schools',
    title: { vi: 'Số trường', en: 'Schools' },
    about: {
      vi: 'Đếm số trường có báo cáo sĩ số trong 4 ngày gần nhất; trường chưa báo cáo không được tính.',
      en: 'Counts the schools that reported their pupils within the last 4 days; others are not counted.',
    },
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
    about: {
      vi: 'Đếm số trường có báo cáo sĩ số trong 4 ngày gần nhất, tính riêng cho từng cấp học.',
      en: 'Counts the schools that reported their pupils within the last 4 days, separately for each level.',
    },
    unit: '1',
    source: 'school',
    by: 'school_level',
    aggregates: { value: deviceCount('pupils', dailyHold) },
    window: day,
    scopes: ['area', 'district'],
    formula: 'schools of the level that have reported their pupils within 4 days',
    value: ({ value }) => value,
  }),
  ...stock('education_classes', { vi: 'lớp', en: 'classes' }, 'classes'),
  ...stock('education_pupils', { vi: 'học sinh', en: 'pupils' }, 'pupils'),
  ...stock('education_teachers', { vi: 'giáo viên', en: 'teachers' }, 'teachers'),
  indicator({
    ...attendance,
    id: 'education_attendance_1d',
    title: { vi: 'Tỷ lệ chuyên cần trong ngày', en: 'Attendance, day' },
    about: aboutAttendance(day),
    window: day,
    scopes: places,
  }),
  indicator({
    ...attendance,
    id: 'education_attendance_1d_by_level',
    title: { vi: 'Tỷ lệ chuyên cần trong ngày, theo cấp học', en: 'Attendance, day, by level' },
    about: aboutAttendance(day, byLevel),
    by: 'school_level',
    window: day,
    scopes: ['area', 'district'],
  }),
  indicator({
    ...attendance,
    id: 'education_attendance_month',
    title: { vi: 'Tỷ lệ chuyên cần trong tháng', en: 'Attendance, month' },
    about: aboutAttendance(month),
    window: month,
    scopes: places,
  }),
  indicator({
    id: 'education_teacher_attendance_1d',
    title: { vi: 'Tỷ lệ giáo viên có mặt trong ngày', en: 'Teachers present, share, day' },
    about: {
      vi: 'Số giáo viên có mặt chia cho tổng số giáo viên của các trường báo cáo trong ngày, tính bằng phần trăm.',
      en: 'Teachers present divided by all teachers of the schools that reported on the day, in per cent.',
    },
    unit: '%',
    source: 'school',
    aggregates: { present: sum('teachers_present'), teachers: sum('teachers') },
    window: day,
    scopes: places,
    levels,
    unconfirmed: unconfirmed.startingLevels,
    formula: '100 × sum(teachers_present) ÷ sum(teachers)',
    value: ({ present, teachers }) => percentOf(present, teachers),
  }),
  indicator({
    id: 'education_sick_share_1d',
    title: { vi: 'Tỷ lệ học sinh nghỉ ốm trong ngày', en: 'Pupils absent sick, share, day' },
    about: {
      vi: 'Số học sinh nghỉ ốm chia cho tổng số học sinh của các trường báo cáo trong ngày, tính bằng phần trăm. Tăng nhanh có thể là dấu hiệu dịch bệnh.',
      en: 'Pupils absent sick divided by all pupils of the schools that reported on the day, in per cent. A quick rise may be a sign of disease.',
    },
    unit: '%',
    source: 'school',
    aggregates: { sick: sum('absent_sick'), pupils: sum('pupils') },
    window: day,
    scopes: places,
    levels: { direction: 'above', attention: 3, warning: 5, critical: 10 },
    unconfirmed: unconfirmed.startingLevels,
    formula: '100 × sum(absent_sick) ÷ sum(pupils)',
    value: ({ sick, pupils }) => percentOf(sick, pupils),
  }),
  indicator({
    id: 'education_dropouts_month',
    title: { vi: 'Học sinh bỏ học trong tháng', en: 'Drop-outs, month' },
    about: {
      vi: 'Cộng số học sinh bỏ học mà các trường báo cáo trong tháng.',
      en: 'Adds up the pupils who left school for good, as schools reported in the month.',
    },
    unit: '1',
    source: 'school',
    aggregates: { value: sum('dropouts') },
    window: month,
    scopes: places,
    minSamples: 1,
    levels: { direction: 'above', attention: 1, warning: 5, critical: 20 },
    unconfirmed: unconfirmed.startingLevels,
    value: ({ value }) => value,
  }),
  indicator({
    id: 'education_dropouts_month_by_level',
    title: { vi: 'Học sinh bỏ học trong tháng, theo cấp học', en: 'Drop-outs, month, by level' },
    about: {
      vi: 'Cộng số học sinh bỏ học mà các trường báo cáo trong tháng, tính riêng cho từng cấp học.',
      en: 'Adds up the pupils who left school for good, as schools reported in the month, separately for each level.',
    },
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
    about: {
      vi: 'Số học sinh chia cho số giáo viên, theo báo cáo gần nhất của từng trường.',
      en: 'Pupils divided by teachers, as each school last reported.',
    },
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
    about: {
      vi: 'Số học sinh chia cho số lớp, theo báo cáo gần nhất của từng trường: sĩ số trung bình của một lớp.',
      en: 'Pupils divided by classes, as each school last reported: the mean size of a class.',
    },
    unit: '1',
    source: 'school',
    aggregates: { pupils: totalOfLast('pupils', dailyHold), classes: totalOfLast('classes', dailyHold) },
    window: day,
    scopes: places,
    formula: 'pupils ÷ classes, as last reported',
    value: ({ pupils, classes }) => ratioOf(pupils, classes),
  }),
]
