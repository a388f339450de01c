import { domainBoard } from './kit/domain.ts'
import { bars } from './kit/tiles.ts'
import { trend } from './kit/trends.ts'

/** Schools, pupils, teachers and attendance. */
export const education = domainBoard({
  name: 'education',
  title: { vi: 'Giáo dục', en: 'Education' },
  group: 'people',
  about: {
    vi: 'Trường, lớp, học sinh, giáo viên và chuyên cần theo cấp học, theo xã và theo trường.',
    en: 'Schools, classes, pupils, teachers and attendance, by level, commune and school.',
  },
  last: '30d',
  figures: [
    'education_attendance_1d',
    'education_teacher_attendance_1d',
    'education_sick_share_1d',
    'education_schools',
    'education_pupils',
    'education_teachers',
  ],
  trends: [
    trend(['education_attendance_1d', 'education_teacher_attendance_1d'], {
      title: { vi: 'Chuyên cần của học sinh và giáo viên', en: 'Attendance of pupils and teachers' },
    }),
    trend(['education_sick_share_1d'], { scope: 'area' }),
    trend(['education_attendance_1d_by_level']),
    trend(['education_pupils_per_class', 'education_pupils_per_teacher'], {
      title: { vi: 'Học sinh trên lớp, trên giáo viên', en: 'Pupils per class and per teacher' },
    }),
  ],
  areas: [
    'education_attendance_1d',
    'education_sick_share_1d',
    'education_pupils',
    'education_pupils_per_class',
    'education_pupils_per_teacher',
  ],
  sites: ['education_attendance_1d', 'education_sick_share_1d', 'education_pupils', 'education_pupils_per_class'],
  details: [
    bars('education_pupils_by_level', 'district'),
    bars('education_schools_by_level', 'district'),
    bars('education_teachers_by_level', 'district'),
    bars('education_dropouts_month_by_level', 'district'),
  ],
})
