import { deviceType, number } from './device-type.ts'

/** What citizens looked up in the planning system. */
export const planningLookup = deviceType({
  id: 'planning_lookup',
  title: { vi: 'Tra cứu quy hoạch', en: 'Planning look-ups' },
  cadence_s: 3600,
  metrics: {
    lookups: number('1', 'Lượt tra cứu từ lần báo trước', 'Look-ups since the last record', [0, 1e7]),
    not_found: number('1', 'Lượt không có kết quả từ lần báo trước', 'Look-ups without result', [0, 1e7]),
    response_ms: number('ms', 'Thời gian trả lời trung bình', 'Mean response time', [0, 600_000]),
  },
  parts: { not_found: 'lookups' },
})
