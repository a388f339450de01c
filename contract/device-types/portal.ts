import { deviceType, number } from './device-type.ts'

/** The portal of a commune, and what citizens think of its services. */
export const portal = deviceType({
  id: 'portal',
  title: { vi: 'Cổng thông tin và đánh giá của người dân', en: 'Portal and ratings of citizens' },
  cadence_s: 3600,
  metrics: {
    visits: number('1', 'Lượt truy cập từ lần báo trước', 'Visits since the last record', [0, 1e8]),
    questions: number('1', 'Câu hỏi của người dân từ lần báo trước', 'Questions since the last record', [0, 1e6]),
    answered: number('1', 'Câu hỏi đã trả lời từ lần báo trước', 'Questions answered since the last record', [0, 1e6]),
    ratings: number('1', 'Lượt đánh giá từ lần báo trước', 'Ratings since the last record', [0, 1e6]),
    ratings_satisfied: number(
      '1',
      'Lượt đánh giá hài lòng từ lần báo trước',
      'Satisfied ratings since the last record',
      [0, 1e6],
    ),
    published_procedures: number('1', 'Thủ tục đã công khai', 'Procedures published', [0, 100_000]),
    procedures: number('1', 'Thủ tục phải công khai', 'Procedures to be published', [0, 100_000]),
  },
  parts: { ratings_satisfied: 'ratings', published_procedures: 'procedures' },
})
