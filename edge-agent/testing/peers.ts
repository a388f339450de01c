import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { python } from '@ioc/runtime/testing/python.ts'
import { onTestFinished } from 'vitest'

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
