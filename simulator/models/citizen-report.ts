import { casesOf, closingOf, dueAfter, onlineMoment, punctualityOf, weighted } from '../cases.ts'
import type { Model } from '../model.ts'
import { officeOf } from '../office.ts'
import { peopleOfArea } from '../population.ts'
import { forKinds } from '../sources.ts'

const categories = [
  { name: 'Hạ tầng giao thông', unit: 'Phòng Kinh tế', weight: 26 },
  { name: 'Môi trường', unit: 'Phòng Kinh tế', weight: 24 },
  { name: 'Đất đai, xây dựng', unit: 'Phòng Kinh tế', weight: 15 },
  { name: 'An ninh trật tự', unit: 'Công an xã', weight: 14 },
  { name: 'Điện, nước', unit: 'Phòng Kinh tế', weight: 9 },
  { name: 'Hành chính công', unit: 'Trung tâm Phục vụ hành chính công', weight: 7 },
  { name: 'Văn hóa, du lịch', unit: 'Phòng Văn hóa – Xã hội', weight: 5 },
] as const
const perThousandADay = 0.05
/** Working days in which an answer is due. */
const answerDays = 7
const ratedShare = 0.62
const publishedShare = 0.86
/** Of a hundred ratings, from 5 to 1. */
const ratings = [
  { stars: 5, weight: 53 },
  { stars: 4, weight: 37 },
  { stars: 3, weight: 5 },
  { stars: 2, weight: 3 },
  { stars: 1, weight: 2 },
] as const

/** Reports of citizens, on any day of the week. */
export const citizenReportModel: Model = {
  name: 'citizen_report',
  cases: forKinds(['commune_office'], (site, world) => {
    const office = officeOf(world.calendar)
    const punctuality = punctualityOf(site, world)
    const perDay = (peopleOfArea(site) / 1000) * perThousandADay
    return [
      casesOf(site, world, {
        type: 'citizen_report',
        device: 'citizen-reports',
        prefix: 'PA',
        expected: (day) => (office.isWorking(day) ? perDay : perDay * 0.6),
        life(opening) {
          const { day, draw, pick } = opening
          const { name: category, unit } = weighted(categories, draw(0))
          const opened = onlineMoment(day, draw(1))
          const closed = closingOf(office, opening, { opened, days: answerDays, punctuality, first: 2 })
          return {
            due: dueAfter(office, day, answerDays),
            steps: [
              {
                ts: opened,
                state: 'received',
                attributes: {
                  category,
                  unit,
                  channel: pick(6, ['Ứng dụng di động', 'Ứng dụng di động', 'Cổng phản ánh', 'Đường dây nóng', 'Zalo']),
                },
              },
              { ts: opened + Math.round((closed - opened) * 0.25), state: 'processing' },
              {
                ts: closed,
                state: 'answered',
                isClosed: true,
                attributes: {
                  published: draw(7) < publishedShare,
                  ...(draw(8) < ratedShare && { satisfaction: weighted(ratings, draw(9)).stars }),
                },
              },
            ],
          }
        },
      }),
    ]
  }),
}
