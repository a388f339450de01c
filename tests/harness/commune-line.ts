import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { python } from '@ioc/runtime/testing/python.ts'
import { onTestFinished, type TestContext } from 'vitest'

export interface LineQuality {
  /** One way. */
  readonly delayMs?: number
  readonly lossPercent?: number
  /** Whom the site reaches: the centre, somebody else at the address of the centre, or nobody. */
  readonly to?: 'centre' | 'stranger' | 'nobody'
}

/** A site in a network namespace of its own, and the line between it and the centre, which is this machine. */
export interface CommuneLine {
  /** Address of the centre, as the site sees it; a stranger has the same one. */
  readonly address: string
  /** What a command line begins with, so that it runs at the site, or at the stranger. */
  readonly atSite: readonly string[]
  readonly atStranger: readonly string[]
  /** Changes the line; resolves to the number of packets that it has lost. */
  set(quality: LineQuality): Promise<number>
}

/** Of the network for benchmarks (RFC 2544): nobody else's. */
const network = '198.18'
const seed = 20261130

/**
 * Lays a line, until the test ends. Kernels without netem delay and lose no packets: a program does, between TUN devices.
 * Without the right to make a network namespace the test is skipped; with IOC_REQUIRE_REAL=1 it fails.
 */
export async function layCommuneLine(context: TestContext): Promise<CommuneLine> {
  try {
    return await lay()
  } catch (error) {
    if (process.env['IOC_REQUIRE_REAL'] === '1') throw error
    context.skip(`needs the right to make network namespaces and TUN devices: ${(error as Error).message}`)
    throw error
  }
}

async function lay(): Promise<CommuneLine> {
  const [site, stranger] = [await openNamespace(), await openNamespace()]
  const subnet = (process.pid % 64) * 4
  const prefix = `${network}.${Math.floor(process.pid / 64) % 256}`
  const address = `${prefix}.${subnet + 1}`
  const names = ['s', 'c', 'x'].map((end) => `ioc${end}${process.pid}`) as [string, string, string]
  const line = spawn(python, [join(import.meta.dirname, 'commune_line.py'), ...names, String(seed)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  onTestFinished(() => end(line))
  const answers = await started(line)
  const ends = [
    { name: names[0], own: `${prefix}.${subnet + 2}`, pid: site.pid },
    { name: names[1], own: address, pid: undefined },
    { name: names[2], own: address, pid: stranger.pid },
  ]
  for (const { name, own, pid } of ends) {
    if (pid !== undefined) run('ip', 'link', 'set', name, 'netns', String(pid))
    const at = pid === undefined ? [] : enter(pid)
    run(...at, 'ip', 'addr', 'add', `${own}/30`, 'dev', name)
    run(...at, 'ip', 'link', 'set', name, 'up')
    if (pid !== undefined) run(...at, 'ip', 'link', 'set', 'lo', 'up')
  }
  return {
    address,
    atSite: enter(site.pid),
    atStranger: enter(stranger.pid),
    async set({ delayMs, lossPercent, to }) {
      const commands = { delay: delayMs, loss: lossPercent, to }
      let lost = 0
      for (const [word, value] of Object.entries(commands)) {
        if (value === undefined) continue
        const answer = once(answers, 'line')
        line.stdin?.write(`${word} ${value}\n`)
        lost = Number((await answer)[0])
      }
      return lost
    },
  }
}

const enter = (pid: number | undefined): string[] => ['nsenter', '-t', String(pid), '-n']

/** A network namespace, which is gone with its process: also where the test run is killed, as that ends with its input. */
async function openNamespace(): Promise<ChildProcess> {
  const holder = spawn('unshare', ['--net', 'sh', '-c', 'echo ready; exec cat'], { stdio: ['pipe', 'pipe', 'pipe'] })
  onTestFinished(() => end(holder))
  await started(holder)
  return holder
}

/** Waits for the first line; what a program that ends in its place printed is the error. */
async function started(child: ChildProcess): Promise<Interface> {
  const { stdout, stderr } = child
  if (!stdout || !stderr) throw new Error('its output is not read')
  let errors = ''
  stderr.on('data', (text) => {
    errors += text
  })
  const lines = createInterface({ input: stdout })
  await Promise.race([
    once(lines, 'line'),
    once(child, 'close').then(() => {
      throw new Error(errors.trim() || 'it ended at once')
    }),
  ])
  return lines
}

function run(...command: readonly string[]): void {
  const [program = '', ...args] = command
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command.join(' ')}: ${error?.message ?? stderr}`)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'close')
}
