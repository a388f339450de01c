import { deviceType, number, text } from './device-type.ts'

/** A school's figures of a school day, of one level: a school with two levels is two devices. */
export const school = deviceType({
  id: 'school',
  title: { vi: 'Sĩ số và chuyên cần của trường', en: 'School attendance' },
  cadence_s: 86_400,
  metrics: {
    school_level: text(
      'Cấp học: kindergarten, primary, lower_secondary, upper_secondary',
      'Level: kindergarten, primary, lower_secondary, upper_secondary',
    ),
    classes: number('1', 'Số lớp', 'Classes', [0, 10_000]),
    pupils: number('1', 'Số học sinh', 'Pupils', [0, 100_000]),
    present: number('1', 'Học sinh có mặt', 'Pupils present', [0, 100_000]),
    absent_sick: number('1', 'Học sinh nghỉ ốm', 'Pupils absent, sick', [0, 100_000]),
    dropouts: number('1', 'Học sinh bỏ học từ lần báo trước', 'Drop-outs since the last record', [0, 100_000]),
    teachers: number('1', 'Số giáo viên', 'Teachers', [0, 10_000]),
    teachers_present: number('1', 'Giáo viên có mặt', 'Teachers present', [0, 10_000]),
  },
  parts: { present: 'pupils', absent_sick: 'pupils', teachers_present: 'teachers' },
})
