import { fileURLToPath } from 'node:url'
import { relaunchWithCache, warmUpArgument } from './launch.ts'

const warmingUp = process.argv.includes(warmUpArgument)
if (!warmingUp) relaunchWithCache(fileURLToPath(import.meta.url))

// Imported only now, so that the process that starts itself over does not load them in vain.
const { runProcess } = await import('@ioc/runtime/process.ts')
const { agentOptions } = await import('./options.ts')
const { startAgent, warmUp } = await import('./agent.ts')
if (warmingUp) {
  const { readOptions } = await import('@ioc/contract/options.ts')
  await warmUp(readOptions(agentOptions, process.env))
} else await runProcess('edge-agent', agentOptions, startAgent)
