import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freeUdpPort } from '@ioc/runtime/testing/free-port.ts'
import { hasProgram } from '@ioc/runtime/testing/has-program.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { describe, expect, onTestFinished, test } from 'vitest'
import { configErrors, testCollector } from '../../testing/context.ts'
import { startPeer, stopPeer } from '../../testing/peers.ts'
import { ratePerSecond } from './counters.ts'

const snmpd = '/usr/sbin/snmpd'

/** Objects that a shell script answers, whenever they are asked for, from a file of sorted lines `oid type value`. */
const base = '.1.3.6.1.4.1.8072.9999.9999'
const script = `read_object() {
  awk -v mode="$1" -v want="$2" 'function key(oid,  parts, n, i, k) {
      n = split(oid, parts, "."); k = ""
      for (i = 1; i <= n; i++) k = k sprintf("%012d.", parts[i])
      return k
    }
    (mode == "get" && $1 == want) || (mode == "getnext" && key($1) > key(want)) { print $1; print $2; print $3; found = 1; exit }
    END { if (!found) print "NONE" }' "$file"
}
file=$1
while read -r line; do
  case $line in
  PING) echo PONG ;;
  get | getnext) read -r oid; read_object "$line" "$oid" ;;
  esac
done
`

interface Agent {
  readonly port: number
  set(lines: string): void
  restart(): Promise<void>
}

async function startAgent(lines = ''): Promise<Agent> {
  const folder = testFolder()
  const port = await freeUdpPort()
  const [file, program, config] = ['objects', 'answer.sh', 'snmpd.conf'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  mkdirSync(join(folder, 'state'))
  writeFileSync(program, script)
  writeFileSync(file, lines)
  writeFileSync(
    config,
    `[snmp] persistentDir ${join(folder, 'state')}
rocommunity public 127.0.0.1
createUser both SHA-256 "authpass1" AES "privpass1"
createUser auth SHA "authpass2"
rouser both priv
rouser auth auth
sysLocation Xã Ka Đô
pass_persist ${base} /bin/sh ${program} ${file}
`,
  )
  const start = async () => {
    const child = startPeer(
      snmpd,
      ['-f', '-Lf', '/dev/null', '-C', '-c', config, '-I', '-smux', `udp:127.0.0.1:${port}`],
      { MIBS: '' },
    )
    await answers(port)
    return child
  }
  let child = await start()
  return {
    port,
    set: (text) => writeFileSync(file, text),
    async restart() {
      await stopPeer(child)
      child = await start()
    },
  }
}

/** Tags and the status of RFC 3416, in BER. */
const getBulkRequest = 0xa5
const response = 0xa2
const tooBig = 1

/**
 * A port that passes packets to an agent and back. Requests for several rows are answered by tooBig, as agents do whose
 * answers do not fit their packets.
 */
async function portWithSmallPackets(agentPort: number): Promise<number> {
  const [front, back] = [createSocket('udp4'), createSocket('udp4')]
  onTestFinished(() => {
    front.close()
    back.close()
  })
  let client: RemoteInfo | undefined
  front.on('message', (packet, from) => {
    client = from
    const pdu = packet.indexOf(getBulkRequest)
    // Its fields: the id of the request, non-repeaters and max-repetitions, where an answer has the status and its index.
    const status = pdu + 4 + (packet[pdu + 3] ?? 0) + 2
    const repetitions = status + 3
    if (pdu < 0 || (packet[repetitions] ?? 0) <= 1) {
      back.send(packet, agentPort, '127.0.0.1')
      return
    }
    packet[pdu] = response
    packet[status] = tooBig
    packet[repetitions] = 0
    front.send(packet, from.port, from.address)
  })
  back.on('message', (packet) => client && front.send(packet, client.port, client.address))
  front.bind(0, '127.0.0.1')
  await once(front, 'listening')
  return front.address().port
}

/** Waits until the agent answers: a UDP port shows nothing else. */
async function answers(port: number): Promise<void> {
  const { collect } = await testCollector({
    ...options(port, { location: '1.3.6.1.2.1.1.6.0' }),
    response_ms: 100,
  })
  for (;;) {
    const isUp = await collect().then(
      () => true,
      () => false,
    )
    if (isUp) return
  }
}

const options = (port: number, values: object) =>
  ({ type: 'snmp', host: '127.0.0.1', port, devices: [{ device: 'sw', values }] }) as const
const at = (n: number | string) => `${base}.${n}`

describe.skipIf(!hasProgram(snmpd, 'snmpd'))('beside snmpd', () => {
  test.each([
    ['v1', { version: '1' }],
    ['v2c', { version: '2c' }],
    ['v3 with authentication', { version: '3', user: 'auth', auth: 'sha', auth_password: 'authpass2' }],
    [
      'v3 with encryption',
      {
        version: '3',
        user: 'both',
        auth: 'sha256',
        auth_password: 'authpass1',
        privacy: 'aes',
        privacy_password: 'privpass1',
      },
    ],
  ])('%s reads texts, numbers and 64-bit counters, and names what is missing', async (_title, security) => {
    const isOld = security.version === '1'
    const agent = await startAgent(`${at(1)} gauge 235\n${at(2)} counter64 18446744073709551615\n${at(3)} integer -5\n`)
    const values = {
      location: '1.3.6.1.2.1.1.6.0',
      temperature: { oid: at(1), scale: 0.1 },
      state: { oid: at(3), enum: { '-5': 'fault' } },
      missing: at(9),
      ...(isOld ? {} : { total: at(2) }),
    }
    const { collect } = await testCollector({ ...options(agent.port, values), ...security })
    const { measurements, problems } = await collect()
    expect(measurements?.[0]?.values).toEqual({
      location: 'Xã Ka Đô',
      temperature: 23.5,
      state: 'fault',
      ...(isOld ? {} : { total: 1.844_674_407_37e19 }),
    })
    expect(problems).toEqual([`sw: missing: no such OID ${at(9).slice(1)}`])
  })

  test('a wrong password fails', async () => {
    const agent = await startAgent()
    const { collect } = await testCollector({
      ...options(agent.port, { location: '1.3.6.1.2.1.1.6.0' }),
      ...{ version: '3', user: 'auth', auth: 'sha', auth_password: 'wrong-password', retries: 0, response_ms: 300 },
    })
    await expect(collect()).rejects.toThrow()
  })

  test('a counter has rates over a wrap, and none over a restart of the agent', async () => {
    const agent = await startAgent(`${at(1)} counter 4294967000\n`)
    const uptime = '1.3.6.1.2.1.1.3.0'
    const values = { rate: { oid: at(1), rate: true }, uptime }
    const { collect } = await testCollector(options(agent.port, values))
    const first = performance.now()
    expect((await collect()).measurements?.[0]?.values).toEqual({ uptime: expect.any(Number) })
    agent.set(`${at(1)} counter 704\n`)
    const { measurements } = await collect()
    const rate = Number(measurements?.[0]?.values['rate'])
    // 1000 in at most the time that passed.
    expect(rate).toBeGreaterThanOrEqual(1000 / ((performance.now() - first) / 1000))
    agent.set(`${at(1)} counter 100\n`)
    // Longer than the agent needs to start, so that its next uptime is smaller.
    while (Number((await collect()).measurements?.[0]?.values['uptime']) < 100);
    await agent.restart()
    const after = await collect()
    expect(after.measurements?.[0]?.values).toEqual({ uptime: expect.any(Number) })
    expect(after.problems).toEqual(['the SNMP agent restarted; rates follow with the next run'])
  })

  test('each row of a table is a device', async () => {
    const rows = [1, 2, 10].flatMap((index) => [
      `${at(`1.1.${index}`)} string Cổng-${index}`,
      `${at(`1.2.${index}`)} gauge ${index * 10}`,
    ])
    const columns = [1, 2].flatMap((column) => rows.filter((row) => row.startsWith(at(`1.${column}.`))))
    const agent = await startAgent(`${columns.join('\n')}\n`)
    const table = {
      oid: at(1),
      prefix: 'sw1',
      name_column: 1,
      type: 'site_power',
      values: { load_w: { column: 2, unit: 'kW' } },
    }
    const all = await testCollector({ type: 'snmp', host: '127.0.0.1', port: agent.port, tables: [table] })
    const { measurements } = await all.collect()
    expect(measurements?.map(({ device, values }) => [device, values])).toEqual([
      ['sw1-Cong-1', { load_w: 10_000 }],
      ['sw1-Cong-2', { load_w: 20_000 }],
      ['sw1-Cong-10', { load_w: 100_000 }],
    ])
    expect(all.collector.devices()[0]).toEqual({ id: 'sw1-Cong-1', type: 'site_power', name: 'Cổng-1' })
    const small = await testCollector({
      ...{ type: 'snmp', host: '127.0.0.1', port: await portWithSmallPackets(agent.port), tables: [table] },
    })
    expect((await small.collect()).measurements?.map(({ values }) => values)).toEqual(
      measurements?.map(({ values }) => values),
    )
    const some = await testCollector({
      ...{ type: 'snmp', host: '127.0.0.1', port: agent.port, version: '1' },
      tables: [{ ...table, only: ['Cổng-2', 'Cổng-3'] }],
    })
    const { measurements: one, problems } = await some.collect()
    expect(one?.map(({ device }) => device)).toEqual(['sw1-Cong-2'])
    expect(problems).toEqual(['sw1: no row Cổng-3'])
  })
})

test('an agent that does not answer fails at its timeout, and a run can be aborted', async () => {
  const port = await freeUdpPort()
  const values = { x: at(1) }
  const { collect } = await testCollector({ ...options(port, values), retries: 0, response_ms: 20 })
  await expect(collect()).rejects.toThrow()
  const patient = await testCollector({ ...options(port, values), retries: 10, response_ms: 60_000 })
  await expect(patient.collect(20)).rejects.toThrow()
})

test('rates of counters', () => {
  const reading = (value: bigint, at: number, uptime: number | undefined, bits: 32 | 64 = 32) => ({
    value,
    at,
    uptime,
    bits,
  })
  expect(ratePerSecond(reading(10n, 0, 100), reading(30n, 2000, 300))).toBe(10)
  expect(ratePerSecond(reading(2n ** 32n - 5n, 0, 100), reading(5n, 1000, 200))).toBe(10)
  expect(ratePerSecond(reading(2n ** 32n - 5n, 0, 100), reading(5n, 1000, 50))).toBeUndefined()
  expect(ratePerSecond(reading(9n, 0, undefined), reading(5n, 1000, undefined))).toBeUndefined()
  expect(ratePerSecond(reading(9n, 0, 1, 64), reading(5n, 1000, 2, 64))).toBeUndefined()
})

test('a configuration without what its version needs is refused', async () => {
  expect(await configErrors({ ...options(161, { x: at(1) }), version: '3', privacy: 'aes' })).toEqual([
    'collectors[0]: version 3 requires the field user',
    'collectors[0].privacy: requires auth',
    'collectors[0]: missing field privacy_password',
  ])
  expect(await configErrors({ type: 'snmp', host: 'a' })).toEqual(['collectors[0]: requires devices or tables'])
})
