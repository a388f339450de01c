import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePorts } from '@ioc/runtime/testing/free-port.ts'
import { hasProgram } from '@ioc/runtime/testing/has-program.ts'

const binaries = ['/usr/sbin/bearerbox', '/usr/sbin/smsbox', '/usr/lib/kannel/test/fakesmsc']

/** Whether Debian's Kannel is there. With IOC_REQUIRE_REAL=1 its absence is a failure. */
export function hasKannel(): boolean {
  return binaries.every((path) => hasProgram(path, 'kannel and kannel-extras'))
}

export interface Kannel {
  readonly url: string
  /** What the phone network received so far: sender, receiver and text of each SMS. */
  received(): string
  stop(): Promise<void>
}

/** A gateway with a simulated phone network behind it. */
export async function startKannel(): Promise<Kannel> {
  const folder = mkdtempSync(join(tmpdir(), 'ioc-kannel-'))
  const [admin = 0, box = 0, smsc = 0, http = 0] = await freePorts(4)
  const config = join(folder, 'kannel.conf')
  writeFileSync(
    config,
    `group = core
admin-port = ${admin}
admin-password = test
admin-interface = 127.0.0.1
smsbox-port = ${box}
box-allow-ip = "127.0.0.1"
store-type = file
store-location = ${folder}/store

group = smsc
smsc = fake
smsc-id = fake
port = ${smsc}
connect-allow-ip = 127.0.0.1

group = smsbox
smsbox-id = box
bearerbox-host = 127.0.0.1
sendsms-port = ${http}
sendsms-interface = 127.0.0.1

group = sendsms-user
username = ioc
password = secret
max-messages = 1

group = sms-service
keyword = default
text = ""
`,
  )
  const children: ChildProcess[] = []
  let output = ''
  const run = (binary: string, ...args: string[]) => {
    const child = spawn(binary, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output += part.toString()))
    children.push(child)
    return child
  }
  run('/usr/sbin/bearerbox', '-v', '1', config)
  await listening(smsc)
  await listening(box)
  run('/usr/lib/kannel/test/fakesmsc', '-H', '127.0.0.1', '-r', String(smsc), '-i', '1', '-m', '0', '1 2 text none')
  run('/usr/sbin/smsbox', '-v', '1', config)
  await listening(http)
  return {
    url: `http://127.0.0.1:${http}/cgi-bin/sendsms`,
    received: () => output,
    async stop() {
      const alive = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
      const ended = alive.map((child) => new Promise((resolve) => child.once('exit', resolve)))
      for (const child of alive) child.kill('SIGKILL')
      await Promise.all(ended)
    },
  }
}

async function listening(port: number): Promise<void> {
  const deadline = performance.now() + 30_000
  while (!(await canConnect(port))) {
    if (performance.now() > deadline) throw new Error(`nothing listens on ${port}`)
    await sleep(50)
  }
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
