import type { Site } from '@ioc/contract/district/sites.ts'

/** Census of 2019 by former unit, as in `district/areas.yaml`, under the name that the example sites have for it. */
export const formerUnits: Readonly<Record<string, { readonly people: number; readonly commune: string }>> = {
  'thanh-my': { people: 13_487, commune: '24931' },
  'da-ron': { people: 9_672, commune: '24931' },
  'tu-tra': { people: 13_326, commune: '24931' },
  'lac-lam': { people: 9_758, commune: '24943' },
  'ka-do': { people: 12_947, commune: '24943' },
  'ka-don': { people: 8_669, commune: '24955' },
  'quang-lap': { people: 5_381, commune: '24955' },
  pro: { people: 6_009, commune: '24955' },
  dran: { people: 14_196, commune: '24934' },
  'lac-xuan': { people: 13_836, commune: '24934' },
}

/** People of a place that is not of Đơn Dương. */
const otherPeople = 10_000

/** People of the area that a site is in. */
export function peopleOfArea({ area }: Site): number {
  const units = Object.values(formerUnits).filter(({ commune }) => commune === area)
  return units.length === 0 ? otherPeople : units.reduce((sum, { people }) => sum + people, 0)
}

/** The former unit that a site is called after, as `da-ron` for `th-da-ron` and for `cam-da-ron-01`. */
export function unitOf({ site }: Site): string | undefined {
  const name = site.replace(/-\d+$/, '')
  return Object.keys(formerUnits).find((unit) => name.endsWith(`-${unit}`))
}

/** People of the former unit that a site serves; an average one of Đơn Dương where its name says none. */
export function peopleNear(site: Site): number {
  return formerUnits[unitOf(site) ?? '']?.people ?? otherPeople
}
