import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { openCertificates } from '@ioc/broker/credentials/certificates.ts'
import { formatToken, parseToken } from '@ioc/contract/enrolment-token.ts'
import type { ApiEnrolled, ApiMachine, ApiNodes, ApiPending, ApiTokenAdded } from '@ioc/contract/messages/api-enrol.ts'
import type { AgentCredential } from '@ioc/edge-agent/credential.ts'
import { describeMachine } from '@ioc/edge-agent/machine.ts'
import { credentialFile } from '@ioc/runtime/credential-file.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type BrokerAndWall, startBrokerAndWall } from './harness/broker-and-wall.ts'
import { runIoc, until } from './harness/centre.ts'

const agentMain = new URL('../edge-agent/ioc-agent.ts', import.meta.url).pathname

interface Agent {
  readonly child: ChildProcess
  output: string
  errors: string
  readonly ended: Promise<number | null>
}

/** Runs `ioc-agent`, with a data folder of its own. */
function agent(dataDir: string, args: readonly string[], environment: Record<string, string> = {}): Agent {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', agentMain, ...args], {
    env: { PATH: process.env['PATH'], IOC_DATA_DIR: dataDir, IOC_AGENT_CADENCE_MS: '200', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const started: Agent = {
    child,
    output: '',
    errors: '',
    ended: new Promise((resolve) => child.once('close', (code) => resolve(code))),
  }
  child.stdout.on('data', (text) => {
    started.output += text
  })
  child.stderr.on('data', (text) => {
    started.errors += text
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return started
}

const machineOf = (dataDir: string): ApiMachine => describeMachine(dataDir, '0.1.0')
const credentialOf = (dataDir: string): AgentCredential =>
  JSON.parse(readFileSync(credentialFile(dataDir, 'agent'), 'utf8'))

async function newToken(centre: BrokerAndWall, grant: object): Promise<string> {
  const { status, body } = await centre.call('POST', '/api/enrol/tokens', grant)
  expect(status).toBe(201)
  return (body as ApiTokenAdded).token
}

async function connected(
  centre: BrokerAndWall,
  username: string,
  password: string,
  clientId = username,
  options: IClientOptions = {},
): Promise<MqttClient> {
  const client = await mqtt.connectAsync(
    `mqtt://127.0.0.1:${centre.mqttPort}`,
    { username, password, clientId, reconnectPeriod: 0, ...options },
    false,
  )
  client.on('error', () => undefined)
  onTestFinished(async () => void (await client.endAsync(true).catch(() => undefined)))
  return client
}

const closed = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()))
const nodesOf = async (centre: BrokerAndWall) => ((await centre.call('GET', '/api/nodes')).body as ApiNodes).nodes
const stateOf = async (centre: BrokerAndWall, node: string) =>
  (await nodesOf(centre)).find((one) => `${one.site}/${one.node}` === node)?.state

describe('enrolment with a token', () => {
  let centre: BrokerAndWall
  beforeAll(async () => {
    centre = await startBrokerAndWall()
  })
  afterAll(() => centre.stop())

  test('an answer that was lost comes again, until the credential first connects', async () => {
    const token = await newToken(centre, { site: 'tram-y-te-ka-do' })
    const dataDir = testFolder()
    const lost = await centre.call('POST', '/api/enrol', { token, ...machineOf(dataDir) }, false)
    expect(lost.status).toBe(200)
    const { username, password } = lost.body as ApiEnrolled
    expect(await stateOf(centre, username)).toBe('pending')

    const enrolling = agent(dataDir, ['enrol', centre.url, token])
    expect(await enrolling.ended).toBe(0)
    expect(credentialOf(dataDir)).toMatchObject({ username, password })
    expect(statSync(credentialFile(dataDir, 'agent')).mode & 0o777).toBe(0o600)

    agent(dataDir, ['run'])
    await until(
      'telemetry',
      async () => centre.stored,
      (stored) => stored.some((one) => one.node === username),
    )
    expect(await stateOf(centre, username)).toBe('active')
    expect((await nodesOf(centre)).filter(({ site }) => site === 'tram-y-te-ka-do')).toHaveLength(1)
    expect((await centre.call('POST', '/api/enrol', { token, ...machineOf(dataDir) }, false)).status).toBe(409)
  })

  test.each([
    ['before the first machine connects', false],
    ['after it has connected', true],
  ])('another machine gets 409 %s, one line, and exit code 1', async (_when, connects) => {
    const token = await newToken(centre, { site: 'truong-ka-do', node: `cong-${connects ? 1 : 2}` })
    const { body } = await centre.call('POST', '/api/enrol', { token, ...machineOf(testFolder()) }, false)
    const { username, password } = body as ApiEnrolled
    if (connects) await connected(centre, username, password)
    const second = agent(testFolder(), ['enrol', centre.url, token])
    expect(await second.ended).toBe(1)
    expect(second.errors).toMatch(/^ioc-agent enrol: .*another machine.* \[ENROL_TOKEN_USED\]\n$/)
  })

  test('a token for three machines enrols three, and names them by its pattern', async () => {
    const token = await newToken(centre, { site: 'ubnd-pro', node: 'may-{n}', uses: 3 })
    const enrolled = []
    for (let n = 0; n < 4; n++) {
      enrolled.push(await centre.call('POST', '/api/enrol', { token, ...machineOf(testFolder()), host: 'PC' }, false))
    }
    expect(enrolled.map(({ status }) => status)).toEqual([200, 200, 200, 409])
    expect(enrolled.slice(0, 3).map(({ body }) => (body as ApiEnrolled).node)).toEqual(['may-1', 'may-2', 'may-3'])
  })

  test('machines of one name get different names by default', async () => {
    const token = await newToken(centre, { site: 'ubnd-tu-tra', uses: 2 })
    const hosts = { host: 'Máy chủ 1' }
    const first = await centre.call('POST', '/api/enrol', { token, ...machineOf(testFolder()), ...hosts }, false)
    const second = await centre.call('POST', '/api/enrol', { token, ...machineOf(testFolder()), ...hosts }, false)
    expect([first, second].map(({ body }) => (body as ApiEnrolled).node)).toEqual(['May_chu_1', 'May_chu_1-2'])
  })

  test('a revoked node is not enrolled again by the same token', async () => {
    const token = await newToken(centre, { site: 'ubnd-ka-don', node: 'may-1' })
    const machine = machineOf(testFolder())
    await centre.call('POST', '/api/enrol', { token, ...machine }, false)
    expect((await centre.call('DELETE', '/api/nodes/ubnd-ka-don/may-1')).status).toBe(204)
    expect((await centre.call('POST', '/api/enrol', { token, ...machine }, false)).status).toBe(409)
    expect(await stateOf(centre, 'ubnd-ka-don/may-1')).toBe('revoked')
  })

  test('the centre keeps neither the token nor the password', async () => {
    const token = await newToken(centre, { site: 'ubnd-lac-lam', node: 'may-1' })
    const { body } = await centre.call('POST', '/api/enrol', { token, ...machineOf(testFolder()) }, false)
    const { secret } = parseToken(token) ?? { secret: '' }
    const found = await runGrep(centre.dataDir, [secret, (body as ApiEnrolled).password])
    expect(found).toEqual([])
  })

  test('what administrators and machines do is in the audit log', async () => {
    const printed = JSON.parse(await runIoc(['audit', '--json'], centre.environment)) as { what: string }[]
    const what = new Set(printed.map((entry) => entry.what))
    for (const action of ['enrolment.token', 'node.enrol', 'node.remove']) expect(what).toContain(action)
  })
})

/** Files below a folder that contain one of the texts. */
async function runGrep(path: string, texts: readonly string[]): Promise<string[]> {
  const child = spawn('grep', ['-rlF', ...texts.flatMap((text) => ['-e', text]), path])
  const chunks: Buffer[] = []
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString().split('\n').filter(Boolean)
}

describe('tokens of the command line', () => {
  let centre: BrokerAndWall
  beforeAll(async () => {
    centre = await startBrokerAndWall()
  })
  afterAll(() => centre.stop())
  const ioc = (...args: string[]) => runIoc(args, centre.environment)

  test('ioc enrol creates, lists and revokes tokens', async () => {
    const token = (await ioc('enrol', 'token', '--site', 'ubnd-d-ran', '--uses', '2', '--expires', '7d')).trim()
    const [listed] = JSON.parse(await ioc('enrol', 'list', '--json')) as { id: string; uses: number }[]
    expect(listed).toMatchObject({ id: parseToken(token)?.id, uses: 2 })
    const machine = machineOf(testFolder())
    expect((await centre.call('POST', '/api/enrol', { token, ...machine }, false)).status).toBe(200)
    await ioc('enrol', 'revoke', listed?.id ?? '')
    const { status, body } = await centre.call('POST', '/api/enrol', { token, ...machineOf(testFolder()) }, false)
    expect([status, (body as { error: string }).error]).toEqual([401, 'ENROL_TOKEN_INVALID'])
  })

  test('ioc enrol accepts and rejects what machines request', async () => {
    const ask = async (host: string) =>
      (await centre.call('POST', '/api/enrol/request', { ...machineOf(testFolder()), host }, false)).body as {
        code: string
        token: string
      }
    const [one, two] = [await ask('may-a'), await ask('may-b')]
    const pending = JSON.parse(await ioc('enrol', 'pending', '--json')) as { code: string; host: string }[]
    expect(pending).toMatchObject([
      { code: one.code, host: 'may-a' },
      { code: two.code, host: 'may-b' },
    ])
    await ioc('enrol', 'accept', one.code, '--site', 'ubnd-d-ran', '--node', 'cong-vao')
    await ioc('enrol', 'reject', two.code)
    const answers = [one, two].map(({ token }) =>
      centre.call('POST', '/api/enrol', { token, ...machineOf(testFolder()) }, false),
    )
    const [accepted, rejected] = await Promise.all(answers)
    expect(accepted).toMatchObject({ status: 200, body: { username: 'ubnd-d-ran/cong-vao' } })
    expect(rejected).toMatchObject({ status: 403, body: { error: 'ENROL_REJECTED' } })
  })

  test('ioc node rotate leaves the present password valid until the new one is used', async () => {
    const old = JSON.parse(await ioc('node', 'add', 'ubnd-d-ran', 'tram-1')) as { username: string; password: string }
    const present = await connected(centre, old.username, old.password)
    const next = JSON.parse(await ioc('node', 'rotate', 'ubnd-d-ran', 'tram-1')) as { password: string }
    await connected(centre, old.username, old.password, 'second')
    expect(present.connected).toBe(true)
    const ended = closed(present)
    const renewed = await connected(centre, old.username, next.password, 'renewed')
    await ended
    await expect(connected(centre, old.username, old.password)).rejects.toThrow(/authorized/i)
    expect(renewed.connected).toBe(true)
    expect(await ioc('node', 'list')).toMatch(/ubnd-d-ran\/tram-1 .*active/)
    const revoked = closed(renewed)
    await ioc('node', 'remove', 'ubnd-d-ran', 'tram-1')
    await revoked
    expect(await ioc('node', 'list')).toMatch(/ubnd-d-ran\/tram-1 .*revoked/)
  })

  test('ioc node add --expires ends a credential, and rotate --expires renews it', async () => {
    const add = (...args: string[]) => ioc('node', 'add', 'ubnd-d-ran', 'tram-9', '--rotate', ...args)
    const { username, password } = JSON.parse(await add('--expires', '1y')) as { username: string; password: string }
    const [, expires] = /tram-9 +node +\S+ +(\S+) +pending/.exec(await ioc('node', 'list')) ?? []
    expect(new Date(expires ?? '').getUTCFullYear()).toBe(new Date(Date.now() + 365 * 86_400_000).getUTCFullYear())
    const client = await connected(centre, username, password)
    const ended = closed(client)
    centre.credentials.rotate(username, Date.now() + 100)
    await ended
    expect(await ioc('node', 'list')).toMatch(/tram-9 .*expired/)
    await expect(connected(centre, username, password)).rejects.toThrow(/authorized/i)
    await expect(ioc('node', 'rotate', 'ubnd-d-ran', 'tram-9')).rejects.toThrow(/has expired: pass --expires/)
    const next = JSON.parse(await ioc('node', 'rotate', 'ubnd-d-ran', 'tram-9', '--expires', 'never'))
    await connected(centre, username, (next as { password: string }).password)
    expect(await ioc('node', 'list')).toMatch(/tram-9 +node +\S+ +never +active/)
    await expect(add('--expires', '-1d')).rejects.toThrow(/--expires must be/)
  })

  test('a clone is noticed after three takeovers; a reconnect, a line that is cut, and a restart are none', async () => {
    const add = async (node: string) =>
      JSON.parse(await ioc('node', 'add', 'ubnd-d-ran', node)) as { username: string; password: string }
    const [cloned, single] = [await add('tram-2'), await add('tram-3')]
    for (let n = 0; n < 4; n++) await connected(centre, cloned.username, cloned.password)
    for (let n = 0; n < 4; n++) {
      const client = await connected(centre, single.username, single.password)
      await client.endAsync()
    }
    // Each process names itself in its will, as the agent does.
    const runs = { 'tram-4': 'aaaaaa', 'tram-5': 'abcdef', 'tram-6': 'ababab' }
    for (const [node, letters] of Object.entries(runs)) {
      const { username, password } = await add(node)
      for (const run of letters) {
        const payload = JSON.stringify({ online: false, session: Date.now(), run })
        const will = {
          topic: `ioc/v1/${username}/status`,
          payload: Buffer.from(payload),
          qos: 1,
          retain: true,
        } as const
        await connected(centre, username, password, username, { will })
      }
    }
    const nodes = await nodesOf(centre)
    const suspected = nodes.filter((one) => one.clone_suspected !== null).map(({ node }) => node)
    expect(suspected.sort()).toEqual(['tram-2', 'tram-6'])
  })
})

describe('limits of enrolment', () => {
  test('five wrong tokens of an address make it wait, a hundred requests are pending', async () => {
    const centre = await startBrokerAndWall()
    onTestFinished(() => centre.stop())
    const token = await newToken(centre, { site: 'ubnd-pro' })
    const parsed = parseToken(token)
    const wrong = [
      'ioc1-x',
      '',
      formatToken({ id: '0'.repeat(16), secret: '0'.repeat(32), authority: undefined }),
      formatToken({ id: parsed?.id ?? '', secret: '0'.repeat(32), authority: undefined }),
      `${token}0`,
    ]
    for (const one of wrong) {
      expect((await centre.call('POST', '/api/enrol', { token: one, ...machineOf(testFolder()) }, false)).status).toBe(
        401,
      )
    }
    expect((await centre.call('POST', '/api/enrol', { token, ...machineOf(testFolder()) }, false)).status).toBe(429)
    const statuses = []
    for (let n = 0; n < 11; n++) {
      const { status } = await centre.call('POST', '/api/enrol/request', machineOf(testFolder()), false)
      statuses.push(status)
    }
    expect(statuses).toEqual([...Array<number>(10).fill(202), 429])
  })
})

describe('enrolment without a token', () => {
  test('the agent shows a code, and publishes after an administrator has accepted it', async () => {
    const centre = await startBrokerAndWall()
    onTestFinished(() => centre.stop())
    const dataDir = testFolder()
    const enrolling = agent(dataDir, ['enrol', centre.url])
    const [, code] = await until(
      'code',
      async () => /^code (\d{6}):/.exec(enrolling.output) ?? [],
      (found) => found.length > 0,
    )
    // The same code after a restart.
    enrolling.child.kill('SIGKILL')
    await enrolling.ended
    const again = agent(dataDir, ['enrol', centre.url])
    await until(
      'the code again',
      async () => again.output,
      (output) => output.includes(`code ${code}`),
    )
    const { pending } = (await centre.call('GET', '/api/enrol/pending')).body as ApiPending
    expect(pending).toMatchObject([{ code, host: machineOf(dataDir).host }])
    expect(existsSync(credentialFile(dataDir, 'agent'))).toBe(false)
    expect(centre.stored).toEqual([])
    const accept = `/api/enrol/pending/${pending[0]?.id}/accept`
    expect((await centre.call('POST', accept, { site: 'tram-y-te-ka-do', node: 'tram' })).status).toBe(204)
    expect(await again.ended).toBe(0)
    agent(dataDir, ['run'])
    await until(
      'telemetry',
      async () => centre.stored,
      (stored) => stored.some(({ channel }) => channel === 'telemetry'),
    )
    expect(centre.stored[0]?.node).toBe('tram-y-te-ka-do/tram')
  })
})

describe('old passwords', () => {
  test('of agents are replaced without an interruption; those of others stay as they are', async () => {
    const centre = await startBrokerAndWall({ IOC_MAX_PASSWORD_DAYS: '0.00001' })
    onTestFinished(() => centre.stop())
    const dataDir = testFolder()
    expect(await agent(dataDir, ['enrol', centre.url, await newToken(centre, { site: 'ubnd-pro' })]).ended).toBe(0)
    const before = credentialOf(dataDir)
    const name = before.username
    // One whose password is a setting cannot keep another; a device is no agent.
    const fixed = { username: 'ubnd-pro/co-dinh', password: await centre.credentials.add('ubnd-pro/co-dinh', 'node') }
    const bare = { username: 'ubnd-pro/cam-bien', password: await centre.credentials.add('ubnd-pro/cam-bien', 'node') }
    const device = await connected(centre, bare.username, bare.password)
    agent(testFolder(), ['run'], {
      IOC_AGENT_SITE: 'ubnd-pro',
      IOC_AGENT_NODE: 'co-dinh',
      IOC_AGENT_PASSWORD: fixed.password,
      IOC_MQTT_PORT: String(centre.mqttPort),
    })
    agent(dataDir, ['run'])
    await until(
      'another password',
      async () => credentialOf(dataDir),
      ({ password, next_password }) => password !== before.password && next_password === undefined,
    )
    const stored = centre.stored.length
    await until(
      'telemetry of both agents with what they have now',
      async () => centre.stored.slice(stored).filter(({ channel }) => channel === 'telemetry'),
      (messages) => [name, fixed.username].every((one) => messages.some(({ node }) => node === one)),
    )
    await expect(connected(centre, name, before.password, 'old')).rejects.toThrow(/authorized/i)
    expect(device.connected).toBe(true)
    for (const one of [fixed, bare]) await connected(centre, one.username, one.password, 'again')
    expect(await runIoc(['audit'], centre.environment)).toMatch(/tự động.*node\.rotate.*ubnd-pro/)
  })
})

describe('TLS', () => {
  let centre: BrokerAndWall
  beforeAll(async () => {
    centre = await startBrokerAndWall({ IOC_TLS: 'on', IOC_TLS_CHECK_MS: '50', IOC_TLS_NAMES: 'ioc.example.vn' })
  })
  afterAll(() => centre.stop())

  const certificateAt = (port: number) =>
    new Promise<X509Certificate>((resolve, reject) => {
      const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
        resolve(socket.getPeerX509Certificate() as X509Certificate)
        socket.destroy()
      })
      socket.on('error', reject)
    })

  test('the agent enrols and publishes over TLS, with the authority that the token names', async () => {
    const token = await newToken(centre, { site: 'ubnd-pro', node: 'may-1' })
    const ca = readFileSync(join(centre.dataDir, 'tls', 'ca.pem'))
    expect(parseToken(token)?.authority).toBe(createHash('sha256').update(new X509Certificate(ca).raw).digest('hex'))
    const dataDir = testFolder()
    const enrolling = agent(dataDir, ['enrol', centre.url, token])
    expect([await enrolling.ended, enrolling.errors]).toEqual([0, ''])
    expect(credentialOf(dataDir).mqtt_url).toBe(`mqtts://127.0.0.1:${centre.mqttsPort}`)
    const running = agent(dataDir, ['run'])
    await until(
      'telemetry',
      async () => centre.stored,
      (stored) => stored.some(({ node }) => node === 'ubnd-pro/may-1'),
    )
    await until(
      'status',
      () => agent(dataDir, ['status']).ended,
      (code) => code === 0,
    )

    // A new certificate, without a restart: new connections get it, and the agent's own goes on.
    const ports = [centre.mqttsPort, Number(new URL(centre.url).port)]
    const before = await Promise.all(ports.map(certificateAt))
    writeFileSync(join(centre.dataDir, 'tls', 'server.pem'), ca)
    for (const [index, port] of ports.entries()) {
      await until(
        'renewal',
        () => certificateAt(port),
        ({ serialNumber }) => serialNumber !== before[index]?.serialNumber,
      )
    }
    const sent = centre.stored.length
    await until(
      'more telemetry',
      async () => centre.stored.length,
      (count) => count > sent + 2,
    )
    expect(running.output).not.toContain('not connected')
  })

  test.each(['127.0.0.1', 'localhost', 'ioc.example.vn'])('the certificate is valid for %s', async (name) => {
    const certificate = await certificateAt(centre.mqttsPort)
    const isValid = name.startsWith('127') ? certificate.checkIP(name) : certificate.checkHost(name)
    expect(isValid).toBeDefined()
  })

  test('a centre of another authority gets neither the token nor a password', async () => {
    const otherDir = testFolder()
    const settings = {
      bind: '127.0.0.1',
      dataDir: otherDir,
      tls: 'on',
      mqttsPort: 0,
      tlsNames: '',
      tlsCheckMs: 1e6,
    } as const
    const other = await openCertificates(settings)
    const received: string[] = []
    // It shows the right authority, as anybody can, but has no certificate of it.
    const ca = readFileSync(join(centre.dataDir, 'tls', 'ca.pem'), 'utf8')
    const impostor = createServer({ cert: other.current.cert, key: other.current.key }, (request, response) => {
      received.push(request.url ?? '')
      response.end(request.url === '/api/enrol/ca' ? ca : '{}')
    })
    impostor.on('tlsClientError', () => undefined)
    await new Promise<void>((resolve) => impostor.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void impostor.close())
    const url = `https://127.0.0.1:${(impostor.address() as AddressInfo).port}`
    const token = await newToken(centre, { site: 'ubnd-pro', node: 'may-2' })
    const enrolling = agent(testFolder(), ['enrol', url, token])
    expect(await enrolling.ended).toBe(1)
    expect(enrolling.errors).toContain('[CENTRE_UNTRUSTED]')
    expect(received).toEqual(['/api/enrol/ca'])
  })

  test('a token of another centre is refused before it is sent', async () => {
    const token = formatToken({ id: '1'.repeat(16), secret: '1'.repeat(32), authority: '1'.repeat(64) })
    const enrolling = agent(testFolder(), ['enrol', centre.url, token])
    expect(await enrolling.ended).toBe(1)
    expect(enrolling.errors).toContain('not the centre that issued the token')
  })

  test('a token with an authority is not sent without TLS', async () => {
    const token = await newToken(centre, { site: 'ubnd-pro', node: 'may-3' })
    const enrolling = agent(testFolder(), ['enrol', centre.url.replace('https', 'http'), token])
    expect(await enrolling.ended).toBe(1)
    expect(enrolling.errors).toContain('use https://')
  })
})
