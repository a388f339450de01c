import type { SiteKind } from '@ioc/contract/district/site-kinds.ts'
import { casesOf, closingOf, dueAfter, punctualityOf, weighted } from '../cases.ts'
import type { Model } from '../model.ts'
import { officeOf } from '../office.ts'
import { forKinds } from '../sources.ts'

/** Documents a working day of an office, and the units that handle them. */
const offices = {
  commune_office: {
    perDay: 19,
    units: ['Văn phòng HĐND và UBND', 'Phòng Kinh tế', 'Phòng Văn hóa – Xã hội', 'Ban Chỉ huy Quân sự'],
  },
  health_centre: { perDay: 5, units: ['Phòng Hành chính', 'Phòng Kế hoạch nghiệp vụ'] },
  tax_office: { perDay: 7, units: ['Tổ Nghiệp vụ', 'Tổ Quản lý thu'] },
  treasury: { perDay: 4, units: ['Bộ phận Kế toán'] },
  police_post: { perDay: 4, units: ['Công an xã'] },
} as const satisfies Partial<Record<SiteKind, { perDay: number; units: readonly [string, ...string[]] }>>

/** Working days that the degree of urgency allows. */
const urgencies = [
  { name: 'Thường', days: 7, weight: 88 },
  { name: 'Khẩn', days: 3, weight: 9 },
  { name: 'Thượng khẩn', days: 2, weight: 2 },
  { name: 'Hỏa tốc', days: 1, weight: 1 },
] as const
const incomingShare = 0.66
const signedShare = 0.9997

const isOffice = (kind: SiteKind | undefined): kind is keyof typeof offices => kind !== undefined && kind in offices

/** Documents that offices receive, and that they draw up. */
export const documentModel: Model = {
  name: 'document',
  cases: forKinds(Object.keys(offices) as SiteKind[], (site, world) => {
    if (!isOffice(site.kind)) return []
    const { perDay, units } = offices[site.kind]
    const office = officeOf(world.calendar)
    const punctuality = punctualityOf(site, world)
    return [
      casesOf(site, world, {
        type: 'document',
        device: 'documents',
        prefix: 'VB',
        expected: (day) => (office.isWorking(day) ? perDay : 0),
        life(opening) {
          const { day, draw, pick } = opening
          const isIncoming = draw(0) < incomingShare
          const { name: urgency, days } = weighted(urgencies, draw(1))
          const opened = office.moment(day, draw(2) * 0.97)
          const closed = closingOf(office, opening, { opened, days, punctuality, first: 3 })
          const signed = draw(7) < signedShare
          return {
            due: dueAfter(office, day, days),
            steps: [
              {
                ts: opened,
                state: isIncoming ? 'acceptance' : 'draft',
                attributes: {
                  direction: isIncoming ? 'in' : 'out',
                  kind: pick(8, [
                    'Công văn',
                    'Công văn',
                    'Công văn',
                    'Thông báo',
                    'Báo cáo',
                    'Kế hoạch',
                    'Quyết định',
                    'Tờ trình',
                  ]),
                  unit: pick<string>(9, units),
                  urgency,
                  // One that comes in was signed by its sender; one of our own is signed when it is issued.
                  ...(isIncoming && { signed }),
                },
              },
              { ts: opened + Math.round((closed - opened) * 0.2), state: 'processing' },
              { ts: closed, state: 'done', isClosed: true, ...(!isIncoming && { attributes: { signed } }) },
            ],
          }
        },
      }),
    ]
  }),
}
