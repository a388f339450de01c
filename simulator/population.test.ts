import { expect, test } from 'vitest'
import { formerUnits, peopleNear, peopleOfArea, unitOf } from './population.ts'
import { areas, siteNamed } from './testing/example-district.ts'

const former = areas.filter(({ population_2019 }) => population_2019 !== undefined)

test('people of the former units are those of the census in areas.yaml', () => {
  const census = former.map((area) => `${area.population_2019} ${area.successor}`)
  expect(Object.values(formerUnits).map(({ people, commune }) => `${people} ${commune}`)).toEqual(census)
})

test.each([
  ['th-da-ron', 'da-ron', 9672],
  ['cam-thanh-my-02', 'thanh-my', 13_487],
  ['thcs-ka-don', 'ka-don', 8669],
  ['thpt-pro', 'pro', 6009],
])('%s is of the former unit %s', (site, unit, people) => {
  expect(unitOf(siteNamed(site))).toBe(unit)
  expect(peopleNear(siteNamed(site))).toBe(people)
})

test('a commune has the people of the former units that it was made of', () => {
  expect(peopleOfArea(siteNamed('ubnd-ka-do'))).toBe(9758 + 12_947)
})

test('a site of another district gets a plausible number of people', () => {
  expect(peopleOfArea({ site: 'x', area: '1' })).toBe(10_000)
  expect(peopleNear({ site: 'x', area: '1' })).toBe(10_000)
})
