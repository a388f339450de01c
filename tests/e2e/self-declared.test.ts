import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { nodeTopic } from '@ioc/contract/topics.ts'
import mqtt from 'mqtt'
import { expect, test } from 'vitest'
import { type Centre, startCentre, tryIoc, until } from '../harness/centre.ts'

const hourMs = 3_600_000
const type = {
  id: 'people_counter',
  title: { vi: 'Đếm người', en: 'People counter' },
  cadence_s: 10,
  metrics: {
    people: {
      unit: '1',
      title: { vi: 'Số người', en: 'People' },
      min: 0,
      max: 1_000,
      levels: { direction: 'above', warning: 50 },
    },
    door: { kind: 'string', title: { vi: 'Cửa', en: 'Door' } },
  },
}

/** Connects a node that declares a type, and returns it with the notices that it gets. */
async function connectNode(centre: Centre, site: string, declared: object) {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${centre.mqttPort}`, await centre.addNode(site, 'n'))
  const notices: unknown[] = []
  client.on('message', (_, payload) => notices.push(JSON.parse(payload.toString())))
  await client.subscribeAsync(nodeTopic({ site, node: 'n' }, 'command'), { qos: 1 })
  const birth = {
    online: true,
    session: Date.now(),
    agent: { version: '1', host: 'h' },
    devices: [{ id: 'gate', type: 'people_counter', name: 'Cổng chính' }],
    types: [declared],
  }
  await client.publishAsync(nodeTopic({ site, node: 'n' }, 'status'), JSON.stringify(birth), { qos: 1, retain: true })
  let seq = 0
  return {
    notices,
    client,
    send: (values: object, ts = Date.now()) =>
      client.publishAsync(
        nodeTopic({ site, node: 'n' }, 'telemetry'),
        JSON.stringify({ epoch: 'e', seq: ++seq, sent: Date.now(), records: [{ device: 'gate', ts, values }] }),
        { qos: 1 },
      ),
  }
}

test('a node declares a type: its values, indicators, rollups and board are there, also after a restart', async () => {
  const centre = await startCentre()
  const node = await connectNode(centre, 'market', type)
  // The first record comes right after the birth, and those of the hour before have ended windows.
  const before = Math.floor(Date.now() / hourMs) * hourMs - hourMs
  for (const [people, ts] of [
    [12, before + 60_000],
    [36, before + 120_000],
  ] as const)
    await node.send({ people, door: 'A' }, ts)
  await node.send({ people: 40, door: 'A' })
  // Not plausible: rejected by the declaration's own limits.
  await node.send({ people: -4, door: 'B' })

  const rows = () => centre.query('SELECT people, door FROM people_counter')
  await until('the values are stored', rows, (all) => all.length >= 4)
  expect((await rows()).map(({ people, door }) => [people, door])).toEqual([
    [12, 'A'],
    [36, 'A'],
    [40, 'A'],
    [null, 'B'],
  ])
  expect(await centre.query('SELECT * FROM undeclared')).toEqual([])
  const means = await until(
    'the indicators are computed',
    () =>
      centre.query(
        `SELECT value FROM indicator WHERE id = 'people_counter_people_mean' AND time <= ${before + hourMs}ms`,
      ),
    (all) => all.length > 0,
  )
  expect(means).toMatchObject([{ value: 24 }])
  const rollup = () => centre.query(`SELECT people_max, people_count FROM people_counter_1h WHERE time = ${before}ms`)
  expect(await until('the rollup is there', rollup, (all) => all.length > 0)).toMatchObject([
    { people_max: 36, people_count: 2 },
  ])

  const get = async (path: string) => (await fetch(centre.httpUrl + path)).json() as Promise<Record<string, never[]>>
  const indicators = async () => (await get('/api/indicators'))['indicators'] ?? []
  const described = await until('they are described', indicators, (all) =>
    JSON.stringify(all).includes('people_counter_people_max'),
  )
  expect(described.filter(({ source }) => source === 'people_counter')).toHaveLength(4)
  const board = async () =>
    ((await get('/api/boards'))['boards'] ?? []).filter(({ uid }) => uid === 'ioc-type-people_counter')
  expect(await until('the board is made', board, (all) => all.length > 0)).toMatchObject([
    { title: { vi: 'Đếm người (tự khai báo)', en: 'People counter (self-declared)' } },
  ])
  expect(existsSync(join(centre.dataDir, 'wall/boards/provisioning/dashboards/type-people_counter.json'))).toBe(true)

  // Another node with another unit: refused, with the reason, and what it sends is stored as far as it agrees.
  const other = await connectNode(centre, 'school', {
    ...type,
    metrics: { people: { unit: '%', title: { vi: 'Tỷ lệ', en: 'Share' } } },
  })
  await until(
    'the notice arrives',
    async () => other.notices,
    (all) => all.length > 0,
  )
  const reason = expect.stringContaining(
    'people: declared as number in %; it is already known as number in 1, by market/n',
  )
  expect(other.notices).toEqual([{ command: 'notice', code: 'TYPE_REFUSED', reason }])
  const letters = (await tryIoc(['dead-letters', '--json'], centre.environment)).printed
  expect(letters).toContain('TYPE_REFUSED')
  // An operator removes it: the board and the indicators go, what is stored stays; and it comes back.
  const ioc = (...args: string[]) => tryIoc(['type', ...args], centre.environment)
  expect(await ioc('remove', 'weather')).toMatchObject({ code: 1, printed: expect.stringContaining('[TYPE_UNKNOWN]') })
  expect(await ioc('remove', 'people_counter')).toEqual({ code: 0, printed: 'type people_counter removed\n' })
  expect((await ioc('list')).printed).toMatch(/people_counter .*market\/n .*removed/)
  await until('the board is gone', board, (all) => all.length === 0)
  await until('so are its indicators', indicators, (all) => !JSON.stringify(all).includes('people_counter'))
  await node.send({ people: 41, door: 'A' })
  await until(
    'later values are stored as of a type that nobody declares',
    () => centre.query('SELECT * FROM undeclared'),
    (all) => JSON.stringify(all).includes('41'),
  )
  expect((await rows()).length).toBe(4)
  expect((await ioc('restore', 'people_counter')).code).toBe(0)
  await until('the board is back', board, (all) => all.length > 0)
  await until('so are its indicators', indicators, (all) => JSON.stringify(all).includes('people_counter_people_max'))
  await node.send({ people: 42, door: 'A' })
  await until('values are stored under it again', rows, (all) => all.some(({ people }) => people === 42))
  await other.client.endAsync()
  await node.client.endAsync()
  expect(await centre.stop()).toBe(0)

  const again = await startCentre(centre.environment)
  expect(JSON.stringify(await until('it is known again', board, (all) => all.length > 0))).toContain('tự khai báo')
  expect(await again.stop()).toBe(0)
})
