import { casesOf, closingOf, dueAfter, onlineMoment, punctualityOf, type Step, weighted } from '../cases.ts'
import { eventAt } from '../events.ts'
import { dayOf } from '../local-time.ts'
import type { Model } from '../model.ts'
import { officeOf } from '../office.ts'
import { peopleOfArea } from '../population.ts'
import { forKinds } from '../sources.ts'

const society = 'Phòng Văn hóa – Xã hội'
const economy = 'Phòng Kinh tế'
const justice = 'Văn phòng HĐND và UBND'

/** Procedures of a commune with the working days that they may take, and how often each is asked for. */
const procedures = [
  { field: 'Chứng thực', name: 'Chứng thực bản sao từ bản chính', unit: justice, days: 1, weight: 30, hasFee: true },
  { field: 'Chứng thực', name: 'Chứng thực hợp đồng, giao dịch', unit: justice, days: 2, weight: 9, hasFee: true },
  { field: 'Hộ tịch', name: 'Đăng ký khai sinh', unit: justice, days: 1, weight: 9, hasFee: false },
  { field: 'Hộ tịch', name: 'Đăng ký khai tử', unit: justice, days: 1, weight: 3, hasFee: false },
  { field: 'Hộ tịch', name: 'Đăng ký kết hôn', unit: justice, days: 2, weight: 4, hasFee: false },
  { field: 'Hộ tịch', name: 'Cấp giấy xác nhận tình trạng hôn nhân', unit: justice, days: 3, weight: 9, hasFee: true },
  { field: 'Đất đai', name: 'Đăng ký biến động quyền sử dụng đất', unit: economy, days: 10, weight: 9, hasFee: true },
  {
    field: 'Đất đai',
    name: 'Cấp giấy chứng nhận quyền sử dụng đất lần đầu',
    unit: economy,
    days: 20,
    weight: 3,
    hasFee: true,
  },
  { field: 'Đất đai', name: 'Chuyển mục đích sử dụng đất', unit: economy, days: 15, weight: 3, hasFee: true },
  {
    field: 'Xây dựng',
    name: 'Cấp giấy phép xây dựng nhà ở riêng lẻ',
    unit: economy,
    days: 10,
    weight: 3,
    hasFee: true,
  },
  { field: 'Hộ kinh doanh', name: 'Đăng ký thành lập hộ kinh doanh', unit: economy, days: 3, weight: 5, hasFee: true },
  {
    field: 'Hộ kinh doanh',
    name: 'Đăng ký thay đổi nội dung hộ kinh doanh',
    unit: economy,
    days: 3,
    weight: 3,
    hasFee: true,
  },
  { field: 'Bảo trợ xã hội', name: 'Trợ cấp xã hội hằng tháng', unit: society, days: 10, weight: 4, hasFee: false },
  { field: 'Bảo trợ xã hội', name: 'Hỗ trợ chi phí mai táng', unit: society, days: 5, weight: 2, hasFee: false },
  {
    field: 'Người có công',
    name: 'Giải quyết chế độ người có công',
    unit: society,
    days: 12,
    weight: 1.5,
    hasFee: false,
  },
  { field: 'Nông nghiệp', name: 'Đăng ký kê khai chăn nuôi', unit: economy, days: 3, weight: 2.5, hasFee: false },
] as const

const perThousandADay = 1.1
const onlineShare = 0.8
const paidOnlineShare = 0.9
const digitisedShare = 0.96
const supplementShare = 0.05
/** Working days over which what a backlog held up is closed after it. */
const catchUpDays = 8

/** Dossiers of a one-stop centre. While it has a backlog, none is closed. */
export const oneStopModel: Model = {
  name: 'one_stop',
  cases: forKinds(['one_stop'], (site, world) => {
    const office = officeOf(world.calendar)
    const punctuality = punctualityOf(site, world)
    const perDay = (peopleOfArea(site) / 1000) * perThousandADay
    return [
      casesOf(site, world, {
        type: 'one_stop',
        device: 'one-stop',
        prefix: 'H36',
        expected: (day) => (office.isWorking(day) ? perDay : perDay * 0.12),
        life(opening) {
          const { day, draw, pick } = opening
          const { field, name, unit, days, hasFee } = weighted(procedures, draw(0))
          const isOnline = !office.isWorking(day) || draw(1) < onlineShare
          const opened = isOnline ? onlineMoment(day, draw(2)) : office.moment(day, draw(2) * 0.97)
          const planned = closingOf(office, opening, { opened, days, punctuality, first: 3 })
          const backlog = eventAt(world, 'one_stop_backlog', site, planned)
          const closed = backlog
            ? office.moment(office.workingDay(dayOf(backlog.to) + 1, Math.floor(draw(7) * catchUpDays)), draw(8))
            : planned
          const at = (part: number) => opened + Math.round((closed - opened) * part)
          const steps: Step[] = [
            {
              ts: opened,
              state: 'received',
              attributes: {
                field,
                procedure: name,
                unit,
                channel: isOnline
                  ? 'Trực tuyến'
                  : pick(9, ['Trực tiếp', 'Trực tiếp', 'Trực tiếp', 'Bưu chính công ích']),
                online: isOnline,
                fee: hasFee,
                // Where nothing is to be paid, nothing is paid online.
                ...(hasFee && { paid_online: isOnline && draw(10) < paidOnlineShare }),
              },
            },
            { ts: at(0.15), state: 'processing' },
          ]
          if (draw(11) < supplementShare) {
            steps.push({ ts: at(0.35), state: 'supplement' }, { ts: at(0.6), state: 'processing' })
          }
          steps.push({
            ts: closed,
            state: 'resolved',
            isClosed: true,
            attributes: { digitised: draw(12) < digitisedShare },
          })
          return { due: dueAfter(office, day, days), steps }
        },
      }),
    ]
  }),
}
