import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'

/**
 * For memory: a small young generation, since the agent allocates little, and no machine code for functions that run seldom.
 * What runs very often, as parsing of a large file, is still optimized. That is 10 MB less for an agent that is mostly idle
 * (docs/decisions/0138-the-agent-compiles-little.md).
 */
export const nodeFlags = [
  '--max-semi-space-size=1',
  '--no-sparkplug',
  '--no-maglev',
  '--invocation-count-for-turbofan=100000',
  '--invocation-count-for-osr=100000',
  '--disable-warning=ExperimentalWarning',
]

/** Asks `main.ts` to fill the compile cache and end. */
export const warmUpArgument = '--warm-up'

/**
 * Starts this process over, in place, with a compile cache in the agent's folder. Stripping the types from the sources
 * takes 18 MB that are never given back; a process that finds them stripped in the cache spares it. So a short-lived
 * child fills the cache first. Does nothing where it cannot: under a parent that listens on a channel, which would not
 * survive (the parent sets `NODE_COMPILE_CACHE` itself), with a cache already set, or on Windows.
 */
export function relaunchWithCache(main: string): void {
  const { env } = process
  if (env['NODE_COMPILE_CACHE'] !== undefined || process.channel || !process.execve) return
  const folder = env['IOC_AGENT_DATA_DIR'] || join(env['IOC_DATA_DIR'] || './data', 'edge-agent')
  const cached = { ...env, NODE_COMPILE_CACHE: resolve(folder, 'compile-cache') }
  const start = [...nodeFlags, main]
  spawnSync(process.execPath, [...start, warmUpArgument], { env: cached, stdio: 'ignore' })
  process.execve(process.execPath, [process.execPath, ...start], cached)
}
