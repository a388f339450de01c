import { deviceType, number, text } from './device-type.ts'

/** New cases of notifiable diseases at a clinic; a record for each disease (54/2015/TT-BYT). */
export const notifiableDisease = deviceType({
  id: 'notifiable_disease',
  title: { vi: 'Bệnh truyền nhiễm phải báo cáo', en: 'Notifiable diseases' },
  cadence_s: 86_400,
  metrics: {
    disease: text('Bệnh', 'Disease'),
    cases: number('1', 'Ca mắc từ lần báo trước', 'Cases since the last record', [0, 1e6]),
    deaths: number('1', 'Ca tử vong từ lần báo trước', 'Deaths since the last record', [0, 1e6]),
  },
})
