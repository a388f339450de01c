import { expect, test } from 'vitest'
import { configErrors, testCollector } from '../../testing/context.ts'

const map = {
  device: 'ups',
  type: 'site_power',
  values: { battery_percent: 'charge', mains: { from: 'status', enum: { OL: true, OB: false } } },
}
const pattern = 'charge=(?<charge>[\\d.]+) status=(?<status>\\w+)'
const node = (script: string) => ({ type: 'exec', command: [process.execPath, '-e', script] })

test('lines of a pattern, and a JSON document, become measurements', async () => {
  const lines = {
    ...node("console.log('NUT 2.8\\ncharge=87 status=OL\\ncharge=86.5 status=OB')"),
    format: 'pattern',
    pattern,
    map,
  }
  const { measurements } = await (await testCollector(lines, { allowExec: true })).collect()
  expect(measurements?.map(({ values }) => values)).toEqual([
    { battery_percent: 87, mains: true },
    { battery_percent: 86.5, mains: false },
  ])
  const json = { ...node('console.log(JSON.stringify({ charge: 50, status: "OL" }, null, 2))'), map }
  const collected = await (await testCollector(json, { allowExec: true })).collect()
  expect(collected.measurements?.[0]?.values).toEqual({ battery_percent: 50, mains: true })
})

test('nothing runs unless this machine allows it', async () => {
  const { collect } = await testCollector({ ...node('process.exit()'), map })
  await expect(collect()).rejects.toThrow('IOC_ALLOW_EXEC')
})

test('a program gets nothing of the settings of the agent', async () => {
  process.env['IOC_AGENT_PASSWORD'] = 'secret'
  const script = 'console.log(JSON.stringify({ leaked: process.env.IOC_AGENT_PASSWORD ?? "none" }))'
  const { collect } = await testCollector(
    { ...node(script), map: { device: 'd', values: { leaked: 'leaked' } } },
    { allowExec: true },
  )
  expect((await collect()).measurements?.[0]?.values).toEqual({ leaked: 'none' })
  delete process.env['IOC_AGENT_PASSWORD']
})

test.each([
  ['an exit code', node('console.error("no UPS"); process.exit(3)'), 'no UPS'],
  ['no JSON', node('console.log("hello")'), 'not valid JSON'],
  ['no output', node('0'), 'nothing to read'],
  ['a missing program', { type: 'exec', command: ['/nowhere/program'] }, 'ENOENT'],
  ['too much output', node('process.stdout.write("x".repeat(2_000_000))'), 'maxBuffer'],
])('%s fails with its reason', async (_title, options, reason) => {
  const { collect } = await testCollector({ ...options, map }, { allowExec: true })
  await expect(collect()).rejects.toThrow(reason)
})

test('a program that hangs is ended', async () => {
  const { collect } = await testCollector({ ...node('setInterval(() => {}, 1000)'), map }, { allowExec: true })
  await expect(collect(100)).rejects.toThrow('aborted')
})

test('an invalid expression is refused', async () => {
  expect(await configErrors({ ...node('0'), format: 'pattern', pattern: '(', map })).toEqual([
    expect.stringContaining('collectors[0].pattern: invalid expression'),
  ])
  expect(await configErrors({ ...node('0'), format: 'pattern', map })).toEqual(['collectors[0]: missing field pattern'])
})
