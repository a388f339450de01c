import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openDeadLetters } from '@ioc/ingest-log/dead-letters.ts'
import { freePort } from '@ioc/runtime/testing/free-port.ts'
import { describe, expect, onTestFinished, test } from 'vitest'
import { commands, commandUsage } from './table.ts'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const district = fileURLToPath(new URL('../../district', import.meta.url))

interface Ended {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

/** Starts `ioc`. `until` resolves at a line of its output. */
function start(args: readonly string[], settings: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, IOC_DISTRICT: district, ...settings },
  })
  let output = ''
  let errors = ''
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, output, errors })))
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await ended
  })
  child.stderr.on('data', (data) => {
    errors += data
  })
  return {
    child,
    ended,
    until: (pattern: RegExp) =>
      new Promise<string>((resolve, reject) => {
        child.stdout.on('data', (data) => {
          output += data
          const line = output.split('\n').find((one) => pattern.test(one))
          if (line !== undefined) resolve(line)
        })
        child.once('close', () => reject(new Error(`it ended before ${pattern}:\n${output}${errors}`)))
      }),
    collect() {
      child.stdout.on('data', (data) => {
        output += data
      })
      return ended
    },
  }
}

const ioc = (args: readonly string[], settings: Readonly<Record<string, string>> = {}) =>
  start(args, settings).collect()

const newFolder = () => mkdtempSync(join(tmpdir(), 'ioc-hub-'))

async function freshSettings(): Promise<Record<string, string>> {
  const [mqtt, http, storage] = [await freePort(), await freePort(), await freePort()]
  return {
    IOC_DATA_DIR: newFolder(),
    IOC_MQTT_PORT: String(mqtt),
    IOC_HTTP_PORT: String(http),
    IOC_STORAGE_PORT: String(storage),
  }
}

describe('ioc', () => {
  test('prints its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(await ioc(['--version'])).toEqual({ code: 0, output: `ioc ${version}\n`, errors: '' })
  })

  test('prints its usage on standard output when asked, and as an error for a command that it does not have', async () => {
    for (const args of [['--help'], ['help'], []]) {
      expect(await ioc(args)).toMatchObject({ code: 0, output: expect.stringContaining('ioc query'), errors: '' })
    }
    const unknown = await ioc(['qeury'])
    expect(unknown).toMatchObject({ code: 2, output: '' })
    expect(unknown.errors).toMatch(/^ioc: no command qeury, did you mean query\? \[USAGE_INVALID\]\n/)
  })

  test('the help of every command begins with its usage', async () => {
    for (const [name, load] of Object.entries(commands)) {
      expect(commandUsage(await load())).toMatch(new RegExp(`^usage: ioc ${name}( |\n)`))
    }
  })

  test('help of a command is under --help, -h and help, and an option value is no question for it', async () => {
    for (const args of [
      ['query', '--help'],
      ['query', '-h'],
      ['help', 'query'],
    ]) {
      expect(await ioc(args)).toEqual({ code: 0, output: expect.stringMatching(/^usage: ioc query /), errors: '' })
    }
    expect((await ioc(['dead-letters', '--', '--help'], await freshSettings())).code).toBe(2)
  })

  test.each([
    ['dead-letters', 'abc'],
    ['dead-letters', '-5'],
    ['dead-letters', '5', '6'],
    ['node', 'list', 'extra'],
    ['node', 'frobnicate'],
    ['node', 'frobnicate', 'a', 'b'],
    ['doctor', '--nonsense'],
    ['doctor', 'now'],
    ['options', 'all'],
    ['indicators', '--jason'],
    ['start', '--port', '80'],
    ['explain', 'x', '--at', 'noon', '--key', 'k'],
    ['explain', 'x', '--at', 'now', '--key', 'k', '--scope', 'galaxy'],
    ['explain', '--at', 'now', '--key', 'k'],
  ])('%s %s … is a wrong use: one line, exit code 2', async (...args) => {
    const { code, output, errors } = await ioc(args, await freshSettings())
    expect({ code, output }).toEqual({ code: 2, output: '' })
    expect(errors).toMatch(/^ioc [a-z-]+: .*; usage: ioc .*\[USAGE_INVALID\]\n$/)
  })

  test('dead-letters prints a block for people, with control characters escaped, and JSON lines with --json', async () => {
    const settings = await freshSettings()
    expect((await ioc(['dead-letters'], settings)).output).toBe('no dead letters\n')
    const letters = openDeadLetters(join(settings['IOC_DATA_DIR'] ?? '', 'dead-letters'), 10)
    const arrival = Date.UTC(2026, 0, 31, 18, 5, 9)
    const letter = { arrival, site: 'school', node: 'aq-1', channel: 'telemetry', code: 'PAYLOAD_NOT_JSON' }
    await letters.add({ ...letter, reason: 'the payload is not JSON', payload: Buffer.from('a\n\x1b[2J') })
    await letters.stop()
    expect((await ioc(['dead-letters'], settings)).output).toBe(
      [
        '2026-02-01T01:05:09+07:00  school/aq-1  telemetry  PAYLOAD_NOT_JSON',
        '  the payload is not JSON',
        '  payload: a\\u000a\\u001b[2J',
        '',
      ].join('\n'),
    )
    expect(JSON.parse((await ioc(['dead-letters', '5', '--json'], settings)).output)).toEqual({
      ...letter,
      arrival: '2026-01-31T18:05:09.000Z',
      reason: 'the payload is not JSON',
      payload: 'a\n\x1b[2J',
    })
  })

  test.each([[['dead-letters']], [['node', 'list']], [['node', 'remove', 'a', 'b']]])(
    '%j takes a missing data folder for a mistyped one',
    async (args) => {
      const folder = join(newFolder(), 'mistyped')
      const { code, output, errors } = await ioc(args, { IOC_DATA_DIR: folder })
      expect([code, output]).toEqual([1, ''])
      expect(errors).toContain(`data folder ${folder} does not exist`)
      expect(existsSync(folder)).toBe(false)
    },
  )

  test.each(['now', '-1m', '2026-11-24T17:00'])('explain takes %s for a time', async (time) => {
    const { code, errors } = await ioc(['explain', 'pm25_1h', '--at', time, '--key', 'x'], await freshSettings())
    // There is no saved state to explain from; the question itself was understood.
    expect([code, errors]).toEqual([1, expect.stringContaining('run the stream processor first')])
  })

  test.each([
    ['options', 'IOC_MQTT_PORT'],
    ['indicators', 'id'],
  ])('%s --json is one JSON document', async (name, text) => {
    const { output } = await ioc([name, '--json'])
    expect(JSON.stringify(JSON.parse(output))).toContain(text)
  })
})

describe('ioc doctor', () => {
  const findings = async (settings: Record<string, string>) => {
    const { code, output } = await ioc(['doctor', '--json'], settings)
    const list = JSON.parse(output) as { title: string; status: string; found: string; advice?: string }[]
    return { code, of: (title: string) => list.find((finding) => finding.title === title) }
  }

  test.each([
    ['IOC_LATENES_MS', 'IOC_LATENESS_MS'],
    ['IOC_HTTP_PROT', 'IOC_HTTP_PORT'],
    ['IOC_INFLUX_TOKN', 'IOC_INFLUX_TOKEN'],
  ])('names the mistyped setting %s', async (name, meant) => {
    const { of } = await findings({ ...(await freshSettings()), [name]: '1' })
    expect(of('settings')).toMatchObject({
      status: 'warning',
      found: `unknown setting ${name}, did you mean ${meant}?`,
    })
  })

  test('tells a bad value of any process', async () => {
    const { code, of } = await findings({ ...(await freshSettings()), IOC_LATENESS_MS: 'a week' })
    expect(code).toBe(1)
    expect(of('settings')).toMatchObject({ status: 'bad', found: expect.stringContaining('IOC_LATENESS_MS') })
  })

  test('lists every bad value, once, beside mistyped names', async () => {
    const bad = { IOC_LATENESS_MS: 'a week', IOC_HTTP_PORT: '70000', IOC_LOG_LEVEL: 'loud', IOC_PROCESSES: 'wal' }
    const { code, of } = await findings({ ...(await freshSettings()), ...bad, IOC_HTTP_PROT: '1' })
    expect(code).toBe(1)
    const { found = '', advice } = of('settings') ?? {}
    const names = found.split('; ').map((reason) => reason.replace(/^unknown setting /, '').split(/[:,]/, 1)[0])
    expect(names.toSorted()).toEqual([...Object.keys(bad), 'IOC_HTTP_PROT'].toSorted())
    expect(advice).toBe('correct the settings')
  })

  test.each([
    ['sites.yaml', 'sites:\n  - site: a\n    area: "1"\n    colour: red\n'],
    ['sites.yaml', 'sites: [\n'],
    ['areas.yaml', 'areas:\n  - code: 7\n'],
  ])('tells of a bad %s', async (name, text) => {
    const folder = newFolder()
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, name), text)
    const { code, of } = await findings({ ...(await freshSettings()), IOC_DISTRICT: folder })
    expect(code).toBe(1)
    expect(of('district')).toMatchObject({ status: 'bad', found: expect.stringContaining(name) })
  })

  test('a port that another program has is bad, and one of the running centre is well', async () => {
    const settings = await freshSettings()
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(Number(settings['IOC_HTTP_PORT']), '127.0.0.1', resolve))
    onTestFinished(() => {
      other.close()
    })
    expect((await findings(settings)).of('HTTP port')).toMatchObject({ status: 'bad' })

    const running = start(['start'], { ...settings, IOC_PROCESSES: 'storage' })
    await running.until(/ hub +ready/)
    const { of } = await findings(settings)
    expect(of('centre')).toMatchObject({
      status: 'good',
      found: expect.stringMatching(/^running: storage \(process \d+\)$/),
    })
    expect(of('storage port')).toMatchObject({ status: 'good' })
    expect(of('HTTP port')).toMatchObject({ status: 'bad' })
  })
})

describe('ioc start', () => {
  test('names what really runs, and warns of unknown settings', async () => {
    const settings = await freshSettings()
    const hub = start(['start'], { ...settings, IOC_PROCESSES: ' storage', IOC_LATENES_MS: '5' })
    const warning = hub.until(/unknown setting/)
    expect(await hub.until(/ hub +ready/)).toContain(
      `ready: storage on http://127.0.0.1:${settings['IOC_STORAGE_PORT']}`,
    )
    expect(await warning).toContain('unknown setting IOC_LATENES_MS, did you mean IOC_LATENESS_MS?')
    hub.child.kill('SIGTERM')
    expect((await hub.ended).code).toBe(0)
  })

  test.each([
    ['storge', /storge is not one of .*, did you mean storage\?/],
    ['storage,', /an empty name is not one of/],
    ['STORAGE', /STORAGE is not one of .*, did you mean storage\?/],
  ])('refuses to run %j', async (names, message) => {
    const { code, errors } = await ioc(['start'], { ...(await freshSettings()), IOC_PROCESSES: names })
    expect(code).toBe(1)
    expect(errors).toMatch(message)
  })

  test('refuses a data folder that another centre uses, in one line, and takes it over when that was killed', async () => {
    const settings = await freshSettings()
    const first = start(['start'], { ...settings, IOC_PROCESSES: 'storage' })
    await first.until(/ hub +ready/)
    const elsewhere = { ...settings, IOC_STORAGE_PORT: String(await freePort()), IOC_PROCESSES: 'storage' }
    const second = await ioc(['start'], elsewhere)
    expect(second).toMatchObject({ code: 1, output: '' })
    expect(second.errors).toMatch(
      /^ioc start: the data folder .* is in use by another storage \(process \d+, .*\[DATA_IN_USE\]\n$/,
    )

    first.child.kill('SIGKILL')
    await first.ended
    const third = start(['start'], elsewhere)
    await third.until(/ hub +ready/)
  })

  test.each(['broker', 'stream-processor', 'storage'])('%s by itself refuses a data folder in use', async (name) => {
    const { lockData } = await import('@ioc/runtime/data-lock.ts')
    const settings = await freshSettings()
    lockData(settings['IOC_DATA_DIR'] ?? '', name)
    const child = spawn(process.execPath, [fileURLToPath(new URL(`../../${name}/main.ts`, import.meta.url))], {
      env: { ...process.env, ...settings },
    })
    let errors = ''
    child.stderr.on('data', (data) => {
      errors += data
    })
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(1)
    expect(errors).toMatch(
      new RegExp(`^${name}: the data folder .* is in use by another ${name} .*\\[DATA_IN_USE\\]\\n$`),
    )
  })

  test('ends with code 1 when a process cannot start', async () => {
    const settings = await freshSettings()
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(Number(settings['IOC_STORAGE_PORT']), '127.0.0.1', resolve))
    onTestFinished(() => {
      other.close()
    })
    const { code, output } = await ioc(['start'], { ...settings, IOC_PROCESSES: 'storage' })
    expect(code).toBe(1)
    expect(output).toMatch(/cannot start: storage ended with code 1/)
  })
})
