import { nodeTopic } from '@ioc/contract/topics.ts'
import type { Random } from '../../harness/random.ts'
import type { Attack } from '../attack.ts'
import { withClient } from '../client.ts'

/** Numbers that JSON can carry, and that arithmetic with times, integers and sums cannot. */
const numbers = [
  '0',
  '-0',
  '5e-324',
  '-1e19',
  '1e19',
  '1e308',
  '-1e308',
  '1.7976931348623157e308',
  '1e999',
  '-1e999',
  '9007199254740993',
  '18446744073709551616',
  '0.1',
  '1e-400',
  '60000',
  '1764000000',
  '1764000000000',
  '1764000000000000',
  '8640000000000001',
]
const texts = ['""', '"x"', '"NaN"', '"2026-01-01T00:00:00+07:00"', '"\\ud800"', '"\\u0000"', '"ĐỘ ẨM"', 'true', 'null']
const shapes = ['{}', '[]', '{"a":{"b":{"c":1}}}', '[1,2,3]', 'NaN', 'Infinity', '-', '{"__proto__":{"x":1}}']
const names = [
  'pm25',
  'pm10',
  'x',
  'time',
  'area',
  'site',
  'device',
  'claimed_ms',
  'x_text',
  '__proto__',
  'constructor',
]
const oddNames = ['nhiệt độ', '1h', 'a b', 'a,b=c', 'a\\nb', '', 'x'.repeat(300), '﻿air', '\\ud800']

/** Publishes telemetry, cases and births whose every place may hold any of these. Each of them is acknowledged. */
export const payloads: Attack = (target, random) =>
  withClient(target, async (client) => {
    const findings: string[] = []
    for (let round = 0; round < 60; round++) {
      const [channel, payload] = randomMessage(random)
      const acknowledged = await client
        .publishAsync(nodeTopic(target.own, channel), payload, {
          qos: random.pick([0, 1, 2]),
          retain: random.pick([true, false]),
        })
        .then(
          () => true,
          () => false,
        )
      if (!acknowledged) findings.push(`not acknowledged on ${channel}: ${payload.slice(0, 300)}`)
    }
    return findings
  })

function randomMessage(random: Random): ['telemetry' | 'cases' | 'status', string] {
  const value = () => random.pick(random.pick([numbers, numbers, texts, shapes]))
  const number = () => random.pick(random.pick([numbers, numbers, texts]))
  const name = () => JSON.stringify(random.pick(random.pick([names, names, oddNames])))
  const values = () => `{${Array.from({ length: random.integer(1, 4) }, () => `${name()}:${value()}`).join(',')}}`
  const type = () => random.pick(['"air_quality"', '"system"', '"camera"', '"nothing"', '7', '"toString"'])
  const device = () => random.pick(['"a"', '"victim"', '"a/b"', '""', '7', '"ký tự"'])
  const record = () => `{"device":${device()},"ts":${number()},"type":${type()},"values":${values()}}`
  const one = () =>
    `{"device":${device()},"ts":${number()},"type":"one_stop","case":{"id":${value()},"state":${value()},"opened":${number()},"due":${number()},"closed":${number()},${name()}:${value()}}}`
  const envelope = (records: string) =>
    `{"epoch":${random.pick(['"e"', '""', '7'])},"seq":${number()},"sent":${number()},"replay":${value()},"lost":${number()},"records":[${records}]}`
  const birth = () =>
    `{"online":${value()},"session":${number()},"agent":{"version":"1","host":"h"},"area":${value()},"devices":[{"id":${device()},"type":${type()},"lat":${number()},"lon":${number()},"cadence_s":${number()}}]}`
  const tail = random.pick(['', '', '', '\0', ' ', '}', '﻿'])
  switch (random.integer(0, 5)) {
    case 0:
      return ['telemetry', values() + tail]
    case 1:
      return ['telemetry', `{"ts":${number()},"type":${type()},"values":${values()}}${tail}`]
    case 2:
      return ['cases', envelope(one()) + tail]
    case 3:
      return ['status', birth() + tail]
    default:
      return ['telemetry', envelope(Array.from({ length: random.integer(0, 5) }, record).join(',')) + tail]
  }
}
