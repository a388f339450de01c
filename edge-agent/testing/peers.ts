import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'

/** Whether a program is there. With IOC_REQUIRE_REAL=1 its absence is a failure. */
export function hasProgram(path: string, debianPackage: string): boolean {
  if (existsSync(path)) return true
  if (process.env['IOC_REQUIRE_REAL'] === '1') throw new Error(`${path} is missing: install ${debianPackage}`)
  console.warn(`skipped: no ${path} (Debian's ${debianPackage})`)
  return false
}

/** A Python with the packages of `.ci/requirements.txt`. */
const python = process.env['IOC_TEST_PYTHON'] ?? 'python3'

/** Whether Python has a module. With IOC_REQUIRE_REAL=1 its absence is a failure. */
export function hasPython(module: string): boolean {
  if (spawnSync(python, ['-c', `import ${module}`]).status === 0) return true
  if (process.env['IOC_REQUIRE_REAL'] === '1') throw new Error(`${python} has no ${module}: see .ci/requirements.txt`)
  console.warn(`skipped: ${python} has no module ${module}`)
  return false
}

/** Starts a program, until the test ends. */
export function startPeer(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(command === 'python' ? python : command, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  onTestFinished(() => stopPeer(child))
  return child
}

export async function stopPeer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(resolve))
  return port
}

/** Time between two tries to reach a peer that is starting, in ms. */
const retryMs = 20

/** Waits until a server accepts connections. */
export async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (isOpen) return
    await sleep(retryMs)
  }
}

/** Waits until a file exists. */
export async function appears(path: string): Promise<void> {
  while (!existsSync(path)) await sleep(retryMs)
}

/** Runs a Python program that ends. */
export function runPythonFile(...args: string[]): void {
  const { status, stderr } = spawnSync(python, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}
