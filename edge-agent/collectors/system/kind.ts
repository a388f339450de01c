import { collectorKind } from '../collector.ts'

export const systemKind = collectorKind({
  type: 'system',
  title: { vi: 'Máy đang chạy phần mềm trạm', en: 'The machine that the agent runs on' },
  timeoutS: 30,
  isPeriodic: true,
  options: { kind: 'group', title: { vi: 'Tùy chọn', en: 'Options' }, fields: {} },
  load: async () => {
    const { createSystemCollector } = await import('./system.ts')
    return (_options, context) => createSystemCollector(context)
  },
})
