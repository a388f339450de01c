import { casesOf, closingOf, dueAfter, onlineMoment, punctualityOf, weighted } from '../cases.ts'
import type { Model } from '../model.ts'
import { officeOf } from '../office.ts'
import { peopleOfArea } from '../population.ts'
import { forKinds } from '../sources.ts'

const registry = 'Chi nhánh Văn phòng đăng ký đất đai'
const landKinds = [
  { name: 'Chuyển nhượng quyền sử dụng đất', unit: registry, days: 10, weight: 32 },
  { name: 'Tách thửa, hợp thửa', unit: registry, days: 12, weight: 17 },
  { name: 'Đăng ký thế chấp', unit: registry, days: 2, weight: 20 },
  { name: 'Cấp đổi giấy chứng nhận', unit: registry, days: 7, weight: 11 },
  { name: 'Cấp giấy chứng nhận lần đầu', unit: 'Phòng Kinh tế', days: 20, weight: 9 },
  { name: 'Chuyển mục đích sử dụng đất', unit: 'Phòng Kinh tế', days: 15, weight: 11 },
] as const
const landPerThousandADay = 0.17
const landOnlineShare = 0.4

/** Files of the land registry, which are handed in at the one-stop centre. */
export const landFileModel: Model = {
  name: 'land_file',
  cases: forKinds(['one_stop'], (site, world) => {
    const office = officeOf(world.calendar)
    const punctuality = punctualityOf(site, world)
    const perDay = (peopleOfArea(site) / 1000) * landPerThousandADay
    return [
      casesOf(site, world, {
        type: 'land_file',
        device: 'land-files',
        prefix: 'DD',
        expected: (day) => (office.isWorking(day) ? perDay : 0),
        life(opening) {
          const { day, draw } = opening
          const { name, unit, days } = weighted(landKinds, draw(0))
          const online = draw(1) < landOnlineShare
          const opened = online ? onlineMoment(day, draw(2)) : office.moment(day, draw(2) * 0.97)
          const closed = closingOf(office, opening, { opened, days, punctuality, first: 3 })
          const at = (part: number) => opened + Math.round((closed - opened) * part)
          return {
            due: dueAfter(office, day, days),
            steps: [
              {
                ts: opened,
                state: 'received',
                // From a plot in town to a field.
                attributes: { kind: name, unit, parcel_m2: Math.round(80 * Math.exp(4 * draw(7))), online },
              },
              { ts: at(0.2), state: 'processing' },
              { ts: at(0.7), state: 'financial' },
              { ts: closed, state: 'resolved', isClosed: true },
            ],
          }
        },
      }),
    ]
  }),
}

const planningKinds = [
  { name: 'Cung cấp thông tin quy hoạch', days: 5, weight: 70 },
  { name: 'Cấp chứng chỉ quy hoạch', days: 10, weight: 18 },
  { name: 'Xác nhận phù hợp quy hoạch', days: 7, weight: 12 },
] as const
const planningPerThousandADay = 0.06
const planningOnlineShare = 0.75

/** Requests about the planning of a parcel. */
export const planningRequestModel: Model = {
  name: 'planning_request',
  cases: forKinds(['commune_office'], (site, world) => {
    const office = officeOf(world.calendar)
    const punctuality = punctualityOf(site, world)
    const perDay = (peopleOfArea(site) / 1000) * planningPerThousandADay
    return [
      casesOf(site, world, {
        type: 'planning_request',
        device: 'planning-requests',
        prefix: 'QH',
        expected: (day) => (office.isWorking(day) ? perDay : perDay * 0.2),
        life(opening) {
          const { day, draw } = opening
          const { name, days } = weighted(planningKinds, draw(0))
          const online = !office.isWorking(day) || draw(1) < planningOnlineShare
          const opened = online ? onlineMoment(day, draw(2)) : office.moment(day, draw(2) * 0.97)
          const closed = closingOf(office, opening, { opened, days, punctuality, first: 3 })
          return {
            due: dueAfter(office, day, days),
            steps: [
              { ts: opened, state: 'received', attributes: { kind: name, unit: 'Phòng Kinh tế', online } },
              { ts: opened + Math.round((closed - opened) * 0.3), state: 'processing' },
              { ts: closed, state: 'resolved', isClosed: true },
            ],
          }
        },
      }),
    ]
  }),
}
