import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createLogger } from '../logger.ts'
import { loadDistrict } from './district.ts'
import { writeTinyDistrict } from './testing/tiny.ts'

const logger = createLogger('test', { logLevel: 'silent' })
const now = Date.parse('2027-02-01T00:00:00Z')
const references = { indicators: [{ id: 'system_cpu_1m', scopes: ['site', 'area'] as const }], domains: ['machines'] }

function load(people: string, withUnits = true) {
  const folder = writeTinyDistrict({ 'targets.yaml': 'targets: []\n', 'thresholds.yaml': 'thresholds: []\n' })
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'people.yaml'), people)
  return loadDistrict({ district: folder, exampleSites: false }, now, logger, withUnits ? () => references : undefined)
}

const lan = '{ id: lan, name: Lan, unit: ubnd, contacts: [{ channel: sms, address: "+84912345678" }] }'

describe('people.yaml', () => {
  test('is read with the areas in force, and is not published with the district', () => {
    const { people, described } = load(`people:
  - ${lan}
teams: [{ id: to, name: Tổ, people: [lan] }]
rotas:
  - { id: truc, name: Trực, people: [lan], rotation: weekly, weekday: 1, handover: "07:00", from: "2027-01-04" }
policies: [{ id: nam, areas: [S1], units: [ubnd], steps: [{ after_min: 0, rotas: [truc] }, { after_min: 10, teams: [to] }] }]
`)
    expect(people.policies).toMatchObject([{ areas: ['S2'] }])
    expect(people.people).toMatchObject([{ id: 'lan' }])
    expect(JSON.stringify(described)).not.toContain('84912345678')
  })

  test('without the file nobody is notified', () => {
    const folder = writeTinyDistrict()
    onTestFinished(() => rmSync(folder, { recursive: true }))
    expect(loadDistrict({ district: folder, exampleSites: false }, now, logger).people.people).toEqual([])
  })

  test('with the example sites, made-up people take the place of the real ones', () => {
    const folder = writeTinyDistrict({
      'people.yaml': `people:\n  - ${lan}\n`,
      'example-people.yaml': 'people: [{ id: binh, name: Bình, contacts: [{ channel: mqtt }] }]\n',
    })
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const idsOf = (exampleSites: boolean) =>
      loadDistrict({ district: folder, exampleSites }, now, logger).people.people.map(({ id }) => id)
    expect(idsOf(true)).toEqual(['binh'])
    expect(idsOf(false)).toEqual(['lan'])
  })

  test('a unit is not checked where the indicators, and so the units, are not known', () => {
    const text = `people: [${lan.replace('ubnd', 'other')}]`
    expect(load(text, false).people.people).toHaveLength(1)
    expect(() => load(text)).toThrow('people[0].unit: there is no unit other in units.yaml')
  })

  const rota = (rest: string) =>
    `people:\n  - ${lan}\nrotas:\n  - { id: r, name: R, handover: "07:00", from: "2027-01-04", ${rest} }\n`
  const policy = (rest: string) => `people:\n  - ${lan}\npolicies:\n  - { id: p, ${rest} }\n`
  const contact = (rest: string) => `people:\n  - id: lan\n    name: Lan\n    contacts:\n      - { ${rest} }\n`
  test.each([
    [`people:\n  - ${lan}\n  - ${lan}\n`, 'line 3: people[1].id: lan is listed twice'],
    [contact('channel: fax, address: "1"'), 'line 5: people[0].contacts[0].channel: expected one of email, sms'],
    [contact('channel: sms, address: lan'), 'line 5: people[0].contacts[0].address: expected a phone number'],
    [contact('channel: email, address: lan'), 'line 5: people[0].contacts[0].address: expected a mail address'],
    [contact('channel: sms'), 'line 5: people[0].contacts[0]: a contact of sms needs an address'],
    [contact('channel: push, address: x'), 'line 5: people[0].contacts[0].address: a contact of push has no address'],
    [rota('people: [ba], rotation: daily'), 'line 4: rotas[0].people: there is no ba in people'],
    [rota('people: [], rotation: daily'), 'line 4: rotas[0].people: a rota needs people'],
    [rota('people: [lan], rotation: weekly'), 'line 4: rotas[0]: a weekly rota needs a weekday'],
    [rota('people: [lan], rotation: monthly'), 'line 4: rotas[0].rotation: expected one of daily, weekly'],
    [
      rota('people: [lan], rotation: daily, times: [{ days: [7], from: "22:00", to: "06:00" }]'),
      'line 4: rotas[0].times[0]: 22:00 to 06:00: the end must come after the beginning',
    ],
    [
      rota(
        'people: [lan], rotation: daily, overrides: [{ from: "2027-02-30 07:00", to: "2027-03-01 07:00", person: lan }]',
      ),
      'line 4: rotas[0].overrides[0].from: 2027-02-30 07:00 is not a time of the calendar',
    ],
    [policy('steps: [{ after_min: 0 }]'), 'line 4: policies[0].steps[0]: a step needs rotas, teams or people'],
    [policy('steps: [{ after_min: 0, rotas: [x] }]'), 'line 4: policies[0].steps[0].rotas: there is no x in rotas'],
    [policy('steps: [{ after_min: -1, people: [lan] }]'), 'line 4: policies[0].steps[0].after_min: expected a whole'],
    [policy('sites: [nha], steps: [{ after_min: 0, people: [lan] }]'), 'line 4: policies[0].sites: there is no site'],
    [policy('areas: [X], steps: [{ after_min: 0, people: [lan] }]'), 'line 4: policies[0].areas: neither area X'],
    [
      policy('repeat: 9, steps: [{ after_min: 0, people: [lan] }]'),
      'line 4: policies[0].repeat: expected a whole number',
    ],
  ])('a fault is one line that says where and what (%#)', (text, expected) => {
    expect(() => load(text)).toThrow(expect.objectContaining({ code: 'DISTRICT_INVALID' }))
    expect(() => load(text)).toThrow(expected)
  })
})
