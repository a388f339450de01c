import { deviceType, number } from './device-type.ts'

/** Tax arrears of a commune at the end of a day. */
export const taxArrears = deviceType({
  id: 'tax_arrears',
  title: { vi: 'Nợ thuế', en: 'Tax arrears' },
  cadence_s: 86_400,
  metrics: {
    arrears_vnd: number('VND', 'Nợ thuế', 'Arrears', [0, 1e15]),
    overdue_90d_vnd: number('VND', 'Nợ trên 90 ngày', 'Arrears of more than 90 days', [0, 1e15]),
    debtors: number('1', 'Người nợ thuế', 'Debtors', [0, 1e7]),
    recovered_vnd: number('VND', 'Nợ đã thu từ lần báo trước', 'Recovered since the last record', [0, 1e15]),
  },
  parts: { overdue_90d_vnd: 'arrears_vnd' },
})
