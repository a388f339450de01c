import { execFile, execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { leaves } from './leaves.ts'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)
/** A copy of the repository, to which the leaves are added. */
const copy = mkdtempSync(join(tmpdir(), 'ioc-leaves-'))
/** What a contributor is promised: kinds of leaves, with where they are written. */
const promised = new Map(
  [...readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8').matchAll(/^\| (an? [^|]+?) +\| ([^|]+?) +\|$/gm)].map(
    ([, kind = '', places = '']) => [kind, places],
  ),
)

/** Runs a program in the copy. @throws Error with what it printed */
async function inCopy(...[file, ...args]: readonly string[]): Promise<string> {
  try {
    return (await run(file as string, args, { cwd: copy, maxBuffer: 100_000_000 })).stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Error(`${args.join(' ')}: ${stdout}${stderr}`)
  }
}
const node = (...args: readonly string[]) => inCopy(process.execPath, '--disable-warning=ExperimentalWarning', ...args)
const bin = (name: string, ...args: readonly string[]) => inCopy(join(root, 'node_modules/.bin', name), ...args)
/** What an expression is in the copy, with these imports. */
async function inModules(imports: string, expression: string): Promise<unknown> {
  const program = `${imports}; process.stdout.write(JSON.stringify(${expression}))`
  return JSON.parse(await node('--input-type=module', '-e', program))
}

function copyRepository(): void {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  for (const path of listed.split('\n').filter((one) => one !== '')) {
    mkdirSync(dirname(join(copy, path)), { recursive: true })
    cpSync(join(root, path), join(copy, path))
  }
  // Its own rooms, and the packages of this repository.
  for (const folder of ['node_modules', 'edge-agent/node_modules', 'alerting/node_modules']) {
    mkdirSync(join(copy, folder))
    for (const name of readdirSync(join(root, folder))) {
      if (name !== '@ioc') symlinkSync(join(root, folder, name), join(copy, folder, name))
    }
  }
  const rooms = JSON.parse(readFileSync(join(copy, 'package.json'), 'utf8')) as { workspaces: string[] }
  mkdirSync(join(copy, 'node_modules/@ioc'))
  for (const room of rooms.workspaces) {
    const { name } = JSON.parse(readFileSync(join(copy, room, 'package.json'), 'utf8')) as { name: string }
    symlinkSync(join(copy, room), join(copy, 'node_modules', name))
  }
}

beforeAll(() => {
  copyRepository()
  for (const { files = {}, edits = [] } of Object.values(leaves)) {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(copy, path)), { recursive: true })
      writeFileSync(join(copy, path), text)
    }
    for (const [path, find, replacement] of edits) {
      const parts = readFileSync(join(copy, path), 'utf8').split(find)
      if (parts.length !== 2) throw new Error(`${path}: ${parts.length - 1} times ${find}`)
      writeFileSync(join(copy, path), parts.join(replacement))
    }
  }
})

test('every kind of leaf that CONTRIBUTING.md names has an example', () => {
  expect(promised.size).toBeGreaterThan(20)
  expect(Object.keys(leaves)).toEqual([...promised.keys()])
})

test.each(Object.entries(leaves))('%s is written where CONTRIBUTING.md says, and nowhere else', (kind, leaf) => {
  const touched = [...Object.keys(leaf.files ?? {}), ...(leaf.edits ?? []).map(([path]) => path)]
  expect(touched.filter((path) => !isPromised(path, promised.get(kind) ?? ''))).toEqual([])
})

/** Whether a text names a path: in full, by its end, or by the folder that it is in. */
function isPromised(path: string, text: string): boolean {
  const named = [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
  // A room is a folder with its package and its README.
  const ownFolder = /workspace|`main\.ts`/.test(text) ? [/^leaf\//, /^package\.json$/, /^CONTRIBUTING\.md$/] : []
  const patterns = named.map((name) => {
    const pattern = name.replace(/[.]/g, '\\.').replace(/<\w+>/g, '[^/]+')
    return new RegExp(name.endsWith('/') ? `^${pattern}` : `(^|/)${pattern}$`)
  })
  return [...patterns, ...ownFolder].some((one) => one.test(path))
}

test('the types of all rooms and of the page fit', async () => {
  await Promise.all([bin('tsc', '--noEmit'), bin('tsc', '--noEmit', '-p', 'wall/app')])
})

test('the rules of imports hold', async () => {
  await bin('depcruise', '--config', '.dependency-cruiser.cjs', 'leaf', 'storage', 'ingest-log', 'alerting/channels')
})

test('each leaf takes effect', async () => {
  const tables = `
import { deviceTypes } from '@ioc/contract/device-types/table.ts'
import { errorTable } from '@ioc/contract/errors.ts'
import { findCollectorKind } from '@ioc/edge-agent/collectors/table.ts'
import { models } from '@ioc/simulator/models/table.ts'
import { indicators } from '@ioc/stream-processor/indicators/table.ts'
import { eventsOf } from '@ioc/stream-processor/engine/cases/case-events.ts'
import { eventOf } from '@ioc/camera-bridge/events/topics.ts'
import { stages } from '@ioc/bench/stages/table.ts'
import { channelNames } from '@ioc/contract/district/people.ts'`
  const leaf = { source: {}, data: { State: true }, topic: 'Leaf/Fallen' }
  expect(
    await inModules(
      tables,
      `{
        type: deviceTypes.leaf.cadence_s,
        error: errorTable.LEAF_GONE.retry,
        collector: findCollectorKind('leaf').title.vi,
        model: models.some(({ name }) => name === 'leaf'),
        indicator: indicators.find(({ id }) => id === 'leaf_spread_1d').aggregates.spread.text,
        figure: eventsOf({ opened: 0, due: 9, closed: 5, passed: false })[1].adds.leaf,
        event: eventOf(${JSON.stringify(leaf)}).kind,
        benchmark: 'leaf' in stages,
        channel: channelNames.includes('leaf'),
      }`,
    ),
  ).toEqual({
    ...{ type: 60, error: false, collector: 'Lá', model: true, indicator: 'leafSpread(length_mm)', figure: 2 },
    ...{ event: 'motion', benchmark: true, channel: true },
  })
  const ioc = (...args: readonly string[]) => node('hub/main.ts', ...args)
  expect(await ioc('leaf')).toBe('40 mm\n')
  expect(await ioc('--help')).toContain('print the length of a leaf')
  const settings = JSON.parse(await ioc('options', '--json')) as { name: string; enum?: string[] }[]
  const settingOf = (name: string) => settings.find((one) => one.name === name)
  expect(settingOf('IOC_DEMO_LEAF')).toMatchObject({ default: 3 })
  expect(settingOf('IOC_LOG_BACKEND')?.enum).toContain('leaf')
  expect(settingOf('IOC_STORAGE_BACKEND')?.enum).toContain('leaf')
  expect(settingOf('IOC_DEMO_SCENARIO')?.enum).toContain('leaf_fall')
  expect(await ioc('doctor').catch(String)).toContain('leaf: 40 mm')
  expect(
    await inModules("import { processes } from '@ioc/hub/processes.ts'", 'processes.map((one) => one.name)'),
  ).toContain('leaf')
  const place = await inModules(
    `import { loadDistrict } from '@ioc/runtime/district/district.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
const options = { district: 'district', exampleSites: false, logLevel: 'fatal' }
const { sites } = loadDistrict(options, Date.now(), createLogger('leaf', options))`,
    "[...sites.values()].filter(({ area }) => area === '24999').map(({ name }) => name)",
  )
  expect(place).toEqual(['Cây thông'])
})

test('boards and documents make themselves', async () => {
  await Promise.all([node('grafana/generate.ts'), node('stream-processor/docs/generate.ts')])
  expect(readFileSync(join(copy, 'grafana/provisioning/dashboards/leaf.json'), 'utf8')).toContain('leaf_spread_1d')
  expect(readFileSync(join(copy, 'docs/indicators/leaf.md'), 'utf8')).toContain('Độ chênh chiều dài')
})
