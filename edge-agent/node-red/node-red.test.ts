import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Birth, Status } from '@ioc/contract/messages/status.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import { type TestBroker, testBroker } from '@ioc/uplink/testing/broker.ts'
import { describe, expect, test } from 'vitest'
import { startAgain, startFlows } from './testing/agent.ts'
import {
  beating,
  childPid,
  exploding,
  func,
  gone,
  inForce,
  inject,
  kill,
  reported,
  sink,
  writeFlows,
} from './testing/flows.ts'

/** Waits until the broker has a value of a device that was sent from now on. */
async function receives(broker: TestBroker, device: string): Promise<void> {
  const seen = broker.telemetry.length
  await broker.until(() => broker.telemetry.slice(seen).some(({ records }) => records[0]?.device === device))
}

const isOfCollector = ({ device }: MeasurementRecord): boolean => device === 'box-1'

function flowsOf(statuses: readonly Status[]): (Birth['flows'] | undefined)[] {
  return statuses.map((status) => (status.online ? status.flows : undefined))
}

describe('flows', () => {
  test('send measurements of the devices that they declare, and announce these', async () => {
    const broker = await testBroker()
    const device = {
      id: 'd',
      type: 'ioc device',
      device: 'gate-1',
      deviceType: 'traffic',
      label: 'Cổng chính',
      lat: '11.8',
    }
    const agent = await startFlows(broker, [
      device,
      { id: 'o', type: 'ioc out', channel: 'telemetry', device: 'd', metric: 'people_in', wires: [] },
      { id: 'tab', type: 'tab' },
      inject('o', { payload: '7', repeat: '0.2' }),
    ])
    await receives(broker, 'gate-1')
    const sent = broker.telemetry.flatMap(({ records }) => records).find((record) => record.device === 'gate-1')
    expect(sent).toEqual({ device: 'gate-1', type: 'traffic', ts: expect.any(Number), values: { people_in: 7 } })
    await broker.until(() => JSON.stringify(broker.statuses.at(-1)).includes('gate-1'))
    expect(broker.statuses.at(-1)).toMatchObject({
      devices: [{ id: 'box-1' }, { id: 'gate-1', type: 'traffic', name: 'Cổng chính', lat: 11.8 }],
    })
    expect(await reported(agent, ({ state, rss_mb = 0 }) => state === 'running' && rss_mb > 0)).toMatchObject({
      nodes: 4,
      restarts: 0,
    })
  })

  test('send cases', async () => {
    const broker = await testBroker()
    const one = { id: 'H1', state: 'received', opened: 1764000000000, ward: 'Ka Đô' }
    await startFlows(broker, [
      { id: 'tab', type: 'tab' },
      { id: 'o', type: 'ioc out', z: 'tab', channel: 'cases', wires: [] },
      func('f', `return { device: 'mot-cua', payload: ${JSON.stringify(one)} }`, 'o'),
      inject('f'),
    ])
    await broker.until(() => broker.cases.length > 0)
    expect(broker.cases[0]?.records[0]).toMatchObject({ device: 'mot-cua', case: { ...one, due: null, closed: null } })
  })

  test('learn what becomes of a message, up to its acknowledgement by the broker', async () => {
    const broker = await testBroker()
    broker.hold((message) => message?.records.some(({ device }) => device === 'box') === true)
    const states = { id: 's', type: 'status', z: 'tab', scope: ['out-box'], wires: [['f']] }
    const report = func('f', "return { payload: msg.status.text.startsWith('queued') ? 1 : 2 }", 'out-seen')
    await startFlows(broker, [...sink('box'), ...sink('seen').slice(1), inject('out-box'), states, report])
    const seen = () => broker.telemetry.flatMap(({ records }) => records).filter(({ device }) => device === 'seen')
    await broker.until(() => seen().some(({ values }) => values['value'] === 1))
    expect(seen().some(({ values }) => values['value'] === 2)).toBe(false)
    broker.release()
    await broker.until(() => seen().some(({ values }) => values['value'] === 2))
  })

  test('that are refused have an error of the node, with a reason, which a Catch node receives', async () => {
    const refused = [
      [
        'a text where a number belongs to no metric',
        "return { payload: 'x' }",
        '',
        'payload: expected values by metric',
      ],
      [
        'a name of a metric with a space',
        "return { payload: { 'nhiệt độ': 1 } }",
        '',
        'nhiệt độ: invalid name of a metric',
      ],
      ['a number that is none', 'return { payload: { t: NaN } }', 't', 't: expected a number'],
      ['a time in seconds', 'return { payload: 1, ts: 1764000000 }', 't', 'ts: expected a time in ms'],
      ['a device with a slash', "return { payload: 1, device: 'a/b' }", 't', 'device: expected an id'],
      [
        'an object that contains itself',
        'const a = {}; a.a = a; return { payload: a }',
        't',
        'cannot be written as JSON',
      ],
      ['a list that is too long', 'return { payload: Array(2000).fill(1) }', 't', 'more than 1000 records'],
    ] as const
    const [tab] = sink('')
    const broker = await testBroker()
    await startFlows(broker, [
      tab,
      ...refused.flatMap(([_name, code, metric], at) => [
        ...sink(`bad-${at}`, metric).slice(1),
        ...sink(`seen-${at}`, '').slice(1),
        inject(`f-${at}`),
        func(`f-${at}`, code, `out-bad-${at}`),
        { id: `c-${at}`, type: 'catch', z: 'tab', scope: [`out-bad-${at}`], wires: [[`g-${at}`]] },
        func(`g-${at}`, 'return { payload: { reason: msg.error.message } }', `out-seen-${at}`),
      ]),
    ])
    const records = () => broker.telemetry.flatMap((message) => message.records)
    const reasonOf = (at: number) => records().find(({ device }) => device === `seen-${at}`)?.values['reason']
    await broker.until(() => refused.every((_, at) => reasonOf(at) !== undefined))
    for (const [at, [name, , , reason]] of refused.entries()) {
      expect([name, reasonOf(at)]).toEqual([name, expect.stringContaining(reason)])
    }
    expect(records().filter(({ device }) => device.startsWith('bad-'))).toEqual([])
  })

  test('receive what a collector of the agent has measured', async () => {
    const broker = await testBroker()
    await startFlows(broker, [
      ...sink('derived', ''),
      { id: 'in', type: 'ioc in', z: 'tab', source: 'collector', collector: 'system', wires: [['f']] },
      func(
        'f',
        'return { payload: { memory: msg.payload.measurements[0].values.memory_used_percent } }',
        'out-derived',
      ),
    ])
    await receives(broker, 'derived')
  })

  test('cannot start programs, nor read the credential of the agent, nor its environment', async () => {
    const broker = await testBroker()
    const code = `
      const outside = Buffer.constructor.constructor('return process')()
      const tried = {}
      const attempt = (name, work) => { try { work(); tried[name] = 'done' } catch (error) { tried[name] = error.code || error.message } }
      attempt('program', () => outside.getBuiltinModule('child_process').execSync('true'))
      attempt('credential', () => outside.getBuiltinModule('fs').readFileSync("/etc/passwd"))
      tried.password = String(outside.env.IOC_AGENT_PASSWORD)
      return { payload: tried }`
    await startFlows(broker, [...sink('spy', ''), inject('f'), func('f', code, 'out-spy')], { IOC_AGENT_PASSWORD: '' })
    const spied = () => broker.telemetry.flatMap(({ records }) => records).find(({ device }) => device === 'spy')
    await broker.until(() => spied() !== undefined)
    expect(spied()?.values).toEqual({
      program: 'ERR_ACCESS_DENIED',
      credential: 'ERR_ACCESS_DENIED',
      password: 'undefined',
    })
  })
})

test('a flow that leaves its sandbox and sends nonsense to the agent ends its own process', async () => {
  const broker = await testBroker()
  const code = `
    const outside = Buffer.constructor.constructor('return process')()
    outside.send({ kind: 'declared', devices: [{ id: 'a/b' }, 7, { id: 'fine', lat: 'north' }], sources: [] })
    outside.send({ kind: 'put', items: [{ n: 'x', channel: 'status', records: 7 }] })`
  const agent = await startFlows(broker, [{ id: 'tab', type: 'tab' }, inject('f', { after: 3 }), func('f', code)])
  await inForce(agent)
  await reported(agent, ({ restarts = 0 }) => restarts > 0)
  expect(agent.lines).toContain('invalid message: no items')
  await receives(broker, 'box-1')
})

describe('new flows', () => {
  test('that are invalid are refused with a reason, and the old ones run on', async () => {
    const refused: readonly (readonly [flows: unknown, reason: string])[] = [
      [[{ id: 'x', type: 'exec', command: 'id' }], 'node x: no node of the type "exec"'],
      ['[{"id": "a"', 'no JSON'],
      [[{ id: 'a', type: 'comment', info: 'x'.repeat(5e6) }], 'expected at most 1000000'],
      [[{ type: 'tab' }], 'node 0: expected an object'],
      [[{ id: 'f', type: 'function', libs: [{ var: 'x', module: 'x' }] }], 'cannot load modules'],
      [
        [
          { id: 'f', type: 'tab' },
          { id: 'f', type: 'tab' },
        ],
        'another node has this id',
      ],
    ]
    const broker = await testBroker()
    const agent = await startFlows(broker, beating('old'))
    await inForce(agent)
    const pid = await childPid(agent)
    for (const [flows, reason] of refused) {
      writeFlows(agent, flows)
      await reported(agent, (report) => report.state === 'last-good' && report.reason?.includes(reason) === true)
      await receives(broker, 'old')
      expect(await childPid(agent)).toBe(pid)
    }
  })

  test('replace the old ones once they have run for the time of the probe, also after kill -9 of the agent', async () => {
    const broker = await testBroker()
    const agent = await startFlows(broker, beating('old'))
    await receives(broker, 'old')
    writeFlows(agent, beating('new'))
    await receives(broker, 'new')
    await kill(agent)
    const again = startAgain(broker, agent.dataDir)
    await receives(broker, 'new')
    await reported(again, ({ state }) => state === 'running')
  })

  test('that end Node-RED are reverted: the old ones run again, and the reason is reported once', async () => {
    const broker = await testBroker()
    const agent = await startFlows(broker, beating('old'), { IOC_NODE_RED_HANG_S: '2', IOC_NODE_RED_PROBE_S: '5' })
    await inForce(agent)
    writeFlows(agent, exploding())
    const { reason } = await reported(agent, ({ state }) => state === 'last-good')
    expect(reason).toMatch(/the new flows ended Node-RED: (the event loop hung|.* MB of memory)/)
    await receives(broker, 'old')
  })

  test('that are withdrawn leave no child behind', async () => {
    const broker = await testBroker()
    const agent = await startFlows(broker, beating('old'))
    await receives(broker, 'old')
    await reported(agent, ({ state }) => state === 'running')
    const pid = await childPid(agent)
    rmSync(join(agent.folder, 'flows.json'))
    await gone(pid)
    // The agent notices the end a moment after the operating system.
    await expect.poll(() => existsSync(join(agent.folder, 'node-red', 'child.json'))).toBe(false)
  })
})

describe('a crash loop', () => {
  test('brings the last good flows back, which is reported once, and collectors go on meanwhile', async () => {
    const broker = await testBroker()
    const hangs = { IOC_NODE_RED_HANG_S: '2', IOC_NODE_RED_PROBE_S: '0.1' }
    const agent = await startFlows(broker, beating('old'), hangs)
    await inForce(agent)
    broker.telemetry.length = 0
    // They pass the probe, and explode afterwards.
    writeFlows(agent, exploding(1))
    await reported(agent, ({ state, reason = '' }) => state === 'last-good' && reason.includes('5 crashes in a row'))
    await receives(broker, 'old')
    await broker.until(() => flowsOf(broker.statuses).some((flows) => flows?.state === 'last-good'))
    const births = flowsOf(broker.statuses).filter((flows) => flows?.state === 'last-good')
    expect(new Set(births.map((flows) => flows?.reason)).size).toBe(1)
    // The collector has gone on while the child hung, each of the five times.
    expect(broker.telemetry.flatMap(({ records }) => records).filter(isOfCollector).length).toBeGreaterThan(5)
  })

  test('without older flows runs none, which stays so after a restart of the agent, until new flows come', async () => {
    const broker = await testBroker()
    const agent = await startFlows(
      broker,
      [
        { id: 'tab', type: 'tab' },
        inject('f'),
        func('f', 'new Promise((_, reject) => setTimeout(() => reject(new Error("spoilt")), 300))'),
      ],
      {
        IOC_NODE_RED_PROBE_S: '0.1',
      },
    )
    const { reason } = await reported(agent, ({ state }) => state === 'safe-mode')
    expect(reason).toContain('spoilt')
    await kill(agent)
    const again = startAgain(broker, agent.dataDir)
    expect(await reported(again, ({ state }) => state === 'safe-mode')).toMatchObject({ reason })
    writeFlows(again, beating('mended'))
    await receives(broker, 'mended')
    await reported(again, ({ state }) => state === 'running')
  })
})

describe('the process of Node-RED', () => {
  test('is restarted after kill -9', async () => {
    const broker = await testBroker()
    const agent = await startFlows(broker, beating('old'))
    await inForce(agent)
    const pid = await childPid(agent)
    process.kill(pid, 'SIGKILL')
    await childPid(agent, pid)
    await receives(broker, 'old')
    await reported(agent, ({ state, restarts }) => state === 'running' && restarts === 1)
  })

  test('ends with an agent that is killed, also where its flows hang', async () => {
    const broker = await testBroker()
    const flows = [...beating('old'), inject('f', { after: 3 }), func('f', 'while (true) {}')]
    const agent = await startFlows(broker, flows)
    await inForce(agent)
    const pid = await childPid(agent)
    // The loop has begun where the value of the flow comes no more; that of the collector does.
    await receives(broker, 'old')
    await kill(agent)
    startAgain(broker, agent.dataDir)
    await gone(pid)
    await receives(broker, 'old')
  })

  test('is restarted where it takes too much memory, and that is counted', async () => {
    const broker = await testBroker()
    const growing = 'globalThis.all = [...(globalThis.all || []), Buffer.alloc(2e7, 1)]'
    const flows = [...beating('old'), inject('f', { repeat: '0.1', after: 3 }), func('f', growing)]
    const agent = await startFlows(broker, flows, { IOC_NODE_RED_MAX_MEMORY_S: '1' })
    const report = await reported(agent, ({ restarts = 0 }) => restarts > 0)
    expect(report.restarts).toBeGreaterThan(0)
    expect(agent.lines).toMatch(/MB of memory; the limit is 160 MB/)
  })

  test('ends with the agent, whose folder nobody else may read', async () => {
    const broker = await testBroker()
    const agent = await startFlows(broker, beating('old'))
    await inForce(agent)
    const pid = await childPid(agent)
    expect(statSync(join(agent.folder, 'node-red')).mode & 0o777).toBe(0o700)
    expect(statSync(join(agent.folder, 'node-red', 'user')).mode & 0o777).toBe(0o700)
    agent.process.kill('SIGTERM')
    expect(await once(agent.process, 'exit')).toEqual([0, null])
    await gone(pid)
  })
})

test('credentials of flows are encrypted on the disk, and reach their node', async () => {
  const broker = await testBroker()
  const nodes = [
    { id: 'b', type: 'mqtt-broker', broker: '127.0.0.1', port: new URL(broker.url).port, protocolVersion: '4' },
    ...sink('box'),
    {
      id: 'm',
      type: 'mqtt out',
      z: 'tab',
      topic: 'ioc/v1/commune-1/box-2/telemetry',
      qos: '1',
      broker: 'b',
      wires: [],
    },
    inject('m', { payload: '{"pm25":1}', type: 'json' }),
  ]
  const agent = await startFlows(broker, {
    nodes,
    credentials: { b: { user: 'commune-1/box-2', password: 'right-secret' } },
  })
  await broker.until(() => broker.passwords.includes('right-secret'))
  await reported(agent, ({ state }) => state === 'running')
  const folder = join(agent.folder, 'node-red')
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const texts = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))
  expect(texts.some((text) => text.includes('"$"'))).toBe(true)
  expect(texts.filter((text) => text.includes('right-secret'))).toEqual([])
})
