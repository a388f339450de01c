import { caseType, flag, text } from './case-type.ts'

/** A request for information or a certificate about the planning of a parcel. */
export const planningRequest = caseType({
  id: 'planning_request',
  title: { vi: 'Yêu cầu thông tin quy hoạch', en: 'Planning request' },
  attributes: {
    kind: text('Loại yêu cầu', 'Kind of request'),
    unit: text('Đơn vị xử lý', 'Unit in charge'),
    online: flag('Nộp trực tuyến', 'Submitted online'),
  },
})
