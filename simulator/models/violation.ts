import type { SiteKind } from '@ioc/contract/district/site-kinds.ts'
import { casesOf, closingOf, dueAfter, onlineMoment, punctualityOf, weighted } from '../cases.ts'
import type { Model } from '../model.ts'
import { officeOf } from '../office.ts'
import { peopleOfArea } from '../population.ts'
import { forKinds } from '../sources.ts'

interface Field {
  readonly name: 'land' | 'forest' | 'traffic' | 'environment' | 'order'
  readonly unit: string
  readonly weight: number
  /** Fines from, and how many times as much at most, in đồng. */
  readonly fine: number
  readonly times: number
}

/** Violations of 10,000 people a day that offices of a kind make a record of, and of which fields. */
const authorities = {
  police_post: {
    perDay: 0.9,
    fields: [
      { name: 'traffic', unit: 'Công an xã', weight: 78, fine: 400_000, times: 15 },
      { name: 'order', unit: 'Công an xã', weight: 22, fine: 500_000, times: 8 },
    ],
  },
  commune_office: {
    perDay: 0.16,
    fields: [
      { name: 'land', unit: 'Phòng Kinh tế', weight: 55, fine: 3_000_000, times: 12 },
      { name: 'environment', unit: 'Phòng Kinh tế', weight: 45, fine: 1_000_000, times: 10 },
    ],
  },
  forest_post: {
    perDay: 0.025,
    fields: [{ name: 'forest', unit: 'Hạt Kiểm lâm', weight: 1, fine: 2_000_000, times: 25 }],
  },
} as const satisfies Partial<Record<SiteKind, { perDay: number; fields: readonly [Field, ...Field[]] }>>

/** Working days from the record to the settlement. */
const settlementDays = 10

const isAuthority = (kind: SiteKind | undefined): kind is keyof typeof authorities =>
  kind !== undefined && kind in authorities

/** Administrative violations. */
export const violationModel: Model = {
  name: 'violation',
  cases: forKinds(Object.keys(authorities) as SiteKind[], (site, world) => {
    if (!isAuthority(site.kind)) return []
    const { perDay, fields } = authorities[site.kind]
    const office = officeOf(world.calendar)
    const punctuality = punctualityOf(site, world)
    return [
      casesOf(site, world, {
        type: 'violation',
        device: 'violations',
        prefix: 'VP',
        expected: () => (peopleOfArea(site) / 10_000) * perDay,
        life(opening) {
          const { day, draw } = opening
          const { name, unit, fine, times } = weighted<Field>(fields, draw(0))
          const opened = onlineMoment(day, draw(1))
          const closed = closingOf(office, opening, { opened, days: settlementDays, punctuality, first: 2 })
          const fineVnd = Math.round((fine * times ** draw(6)) / 50_000) * 50_000
          const at = (part: number) => opened + Math.round((closed - opened) * part)
          return {
            due: dueAfter(office, day, settlementDays),
            steps: [
              { ts: opened, state: 'recorded', attributes: { field: name, unit } },
              // The fine is known from the decision on.
              { ts: at(0.5), state: 'decided', attributes: { fine_vnd: fineVnd } },
              { ts: closed, state: 'settled', isClosed: true },
            ],
          }
        },
      }),
    ]
  }),
}
