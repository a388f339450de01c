import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createLogger } from '../logger.ts'
import { loadDistrict } from './district.ts'
import { cycleFrom } from './rules.ts'
import { writeTinyDistrict } from './testing/tiny.ts'

const logger = createLogger('test', { logLevel: 'silent' })
const now = Date.parse('2027-02-01T00:00:00Z')
const references = {
  indicators: [{ id: 'system_cpu_1m', scopes: ['site', 'area'] as const, levels: { direction: 'above' as const } }],
  domains: ['machines'],
}

function load(rules: string) {
  const folder = writeTinyDistrict()
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'rules.yaml'), rules)
  return loadDistrict({ district: folder, exampleSites: false }, now, logger, () => references).described
}

describe('rules.yaml', () => {
  test('is published with the areas that are in force; without it there are only the defaults', () => {
    const { rules, upstreams } = load(`rules:
  - { id: cpu, aspect: level, indicator: system_cpu_1m, areas: [S1], severity: high, deadband: 5, unit: ubnd }
  - { id: yen, aspect: stuck, sites: [cang], severity: none }
upstreams:
  - { id: dien, name: Đường dây 473, sites: [cang] }
  - { id: cap, name: Cáp quang, areas: [N1], on: [dien] }
`)
    expect(rules).toMatchObject([
      { id: 'cpu', areas: ['S2'] },
      { id: 'yen', severity: 'none' },
    ])
    expect(upstreams).toMatchObject([
      { sites: ['cang'], areas: [], on: [] },
      { areas: ['N1'], on: ['dien'] },
    ])
  })

  const rule = (entry: string) => `rules:\n  - { severity: low, ${entry} }\n`
  const upstreams = (...entries: string[]) =>
    `rules: []\nupstreams:\n${entries.map((one) => `  - { ${one} }\n`).join('')}`
  test.each([
    [rule('id: a, aspect: noise'), 'line 2: rules[0].aspect: expected one of loss, stuck'],
    [rule('id: a, aspect: loss, hold_s: -1'), 'line 2: rules[0].hold_s: expected a number of seconds from 0 to 86400'],
    [rule('id: a, aspect: level, indicator: x'), 'line 2: rules[0].indicator: there is no indicator x'],
    [rule('id: a, aspect: level, indicator: "x*"'), 'line 2: rules[0].indicator: there is no indicator x*'],
    [rule('id: a, aspect: loss, deadband: 1'), 'line 2: rules[0].deadband: only a rule of the aspect level has'],
    [rule('id: a, aspect: loss, sites: [nha]'), 'line 2: rules[0].sites: there is no site nha in sites.yaml'],
    [rule('id: a, aspect: loss, areas: [X]'), 'line 2: rules[0].areas: neither area X nor a successor'],
    [rule('id: a, aspect: loss, unit: x'), 'line 2: rules[0].unit: there is no unit x in units.yaml'],
    [rule('id: a, aspect: loss, wer: x'), 'line 2: rules[0].wer: unknown field'],
    [
      `${rule('id: a, aspect: loss')}  - { id: a, aspect: loss, severity: low }`,
      'line 3: rules[1].id: a is listed twice',
    ],
    [upstreams('id: a, name: A, on: [b]'), 'line 3: upstreams[0].on: there is no upstream b'],
    [
      upstreams('id: a, name: A', 'id: b, name: B, on: [c]', 'id: c, name: C, on: [a, b]'),
      'line 4: upstreams[1].on: a cycle of dependencies: b → c → b',
    ],
    [upstreams('id: a, name: A, on: [a]'), 'line 3: upstreams[0].on: a cycle of dependencies: a → a'],
  ])('a fault is one line that says where and what (%#)', (text, expected) => {
    expect(() => load(text)).toThrow(expect.objectContaining({ code: 'DISTRICT_INVALID' }))
    expect(() => load(text)).toThrow(expected)
  })
})

test('a cycle is found behind things that are visited twice, and none where ways only meet', () => {
  const next = (edges: Record<string, string[]>) => (of: string) => edges[of] ?? []
  expect(cycleFrom('a', next({ a: ['b', 'c'], b: ['d'], c: ['d'] }))).toBeUndefined()
  expect(cycleFrom('a', next({ a: ['b', 'c'], b: ['d'], c: ['d', 'a'] }))).toEqual(['a', 'c', 'a'])
})
