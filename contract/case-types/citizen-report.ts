import { caseType, flag, quantity, text } from './case-type.ts'

/** What a citizen reports or asks for, and is to be answered by a date. */
export const citizenReport = caseType({
  id: 'citizen_report',
  title: { vi: 'Phản ánh, kiến nghị của người dân', en: "Citizen's report" },
  attributes: {
    category: text('Nhóm phản ánh', 'Category'),
    unit: text('Đơn vị xử lý', 'Unit in charge'),
    channel: text('Kênh tiếp nhận', 'Channel'),
    within_competence: flag('Thuộc thẩm quyền', 'Within the competence of the unit'),
    satisfaction: quantity('Mức hài lòng, 1 đến 5', 'Satisfaction, 1 to 5'),
    published: flag('Trả lời đã công khai', 'Answer published'),
  },
})
