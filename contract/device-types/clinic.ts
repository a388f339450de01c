import { deviceType, number } from './device-type.ts'

/** Beds and visits of a clinic or the health centre, as counts: no patient leaves it. */
export const clinic = deviceType({
  id: 'clinic',
  title: { vi: 'Giường bệnh và lượt khám', en: 'Beds and visits of a clinic' },
  cadence_s: 3600,
  metrics: {
    beds: number('1', 'Giường kế hoạch', 'Beds', [0, 100_000]),
    beds_occupied: number('1', 'Giường đang có người bệnh', 'Beds occupied', [0, 100_000]),
    bed_days: number('d', 'Ngày giường từ lần báo trước', 'Bed days since the last record', [0, 1e6]),
    treatment_days: number(
      'd',
      'Ngày điều trị nội trú từ lần báo trước',
      'Treatment days since the last record',
      [0, 1e6],
    ),
    visits: number('1', 'Lượt khám từ lần báo trước', 'Visits since the last record', [0, 100_000]),
    emergencies: number('1', 'Ca cấp cứu từ lần báo trước', 'Emergencies since the last record', [0, 100_000]),
    admissions: number('1', 'Lượt nhập viện từ lần báo trước', 'Admissions since the last record', [0, 100_000]),
    discharges: number('1', 'Lượt ra viện từ lần báo trước', 'Discharges since the last record', [0, 100_000]),
    transfers: number('1', 'Ca chuyển tuyến từ lần báo trước', 'Transfers since the last record', [0, 100_000]),
    vaccinations: number('1', 'Mũi tiêm chủng từ lần báo trước', 'Vaccinations since the last record', [0, 1e6]),
  },
})
