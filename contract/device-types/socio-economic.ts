import { deviceType, number, text } from './device-type.ts'

/**
 * A socio-economic figure of the year so far beside its plan for the whole year; a record for each target. Figures of a
 * target have one unit, which the target's name implies.
 */
export const socioEconomic = deviceType({
  id: 'socio_economic',
  title: { vi: 'Chỉ tiêu kinh tế – xã hội', en: 'Socio-economic targets' },
  cadence_s: 86_400,
  metrics: {
    target: text('Chỉ tiêu', 'Target'),
    value: number('1', 'Thực hiện từ đầu năm', 'Value of the year so far', [-1e15, 1e15]),
    plan: number('1', 'Kế hoạch năm', 'Plan of the year', [-1e15, 1e15]),
    previous: number('1', 'Cùng kỳ năm trước', 'Value of the same time of the year before', [-1e15, 1e15]),
  },
})
