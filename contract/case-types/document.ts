import { caseType, flag, text } from './case-type.ts'

/** An official document that has to be handled by a date (decree 30/2020/NĐ-CP). */
export const document = caseType({
  id: 'document',
  title: { vi: 'Văn bản', en: 'Official document' },
  attributes: {
    direction: text('Đến (in) hay đi (out)', 'Incoming (in) or outgoing (out)'),
    kind: text('Loại văn bản', 'Kind of document'),
    unit: text('Đơn vị xử lý', 'Unit in charge'),
    urgency: text('Độ khẩn', 'Urgency'),
    signed: flag('Đã ký số', 'Signed digitally'),
  },
})
