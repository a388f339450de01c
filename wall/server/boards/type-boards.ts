import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { SelfDeclaredType } from '@ioc/contract/device-types/self-declared.ts'
import { ensureFolder } from '@ioc/runtime/process.ts'
import { type LoadedBoard, loadBoards } from './library.ts'

const generator = join(import.meta.dirname, '../../../grafana/generate-types.ts')
/** Longest that making the boards may take, in ms. */
const timeoutMs = 60_000

export interface TypeBoards {
  /** Makes the boards of these types, in place of those before. */
  make(types: readonly SelfDeclaredType[]): void
  /** Resolves when nothing is being made. */
  stop(): Promise<void>
}

/**
 * Makes a board for each self-declared type, in a folder that Grafana can be given too. A process of its own makes them,
 * which ends: the builders of boards would take memory of the wall for good.
 * @param onMade gets the boards by uid
 */
export function createTypeBoards(
  folder: string,
  onMade: (boards: ReadonlyMap<string, LoadedBoard>) => void,
  onError: (error: Error) => void,
): TypeBoards {
  let wanted: readonly SelfDeclaredType[] | undefined
  let making: Promise<void> | undefined
  let isStopped = false

  async function makeWanted(): Promise<void> {
    while (wanted !== undefined && !isStopped) {
      const types = wanted
      wanted = undefined
      try {
        await generate(folder, types)
        if (!isStopped) onMade(loadBoards(folder))
      } catch (error) {
        onError(error as Error)
      }
    }
    making = undefined
  }

  return {
    make(types) {
      wanted = types
      making ??= makeWanted()
    },
    async stop() {
      isStopped = true
      await making
    },
  }
}

/** @throws Error with what the generator printed, where it fails */
async function generate(folder: string, types: readonly SelfDeclaredType[]): Promise<void> {
  const child = spawn(process.execPath, [generator, ensureFolder(folder)], {
    stdio: ['pipe', 'ignore', 'pipe'],
    timeout: timeoutMs,
  })
  let errors = ''
  child.stderr.on('data', (data: Buffer) => {
    errors = (errors + data.toString()).slice(-2_000)
  })
  // Where it ends early, its exit code tells.
  child.stdin.on('error', () => undefined)
  child.stdin.end(JSON.stringify(types))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`the generator of boards ended with ${code}: ${errors}`)
}
