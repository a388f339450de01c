import { fileURLToPath } from 'node:url'
import { relaunchWithCache, warmUpArgument } from './launch.ts'

const warmingUp = process.argv.includes(warmUpArgument)
if (!warmingUp) relaunchWithCache(fileURLToPath(import.meta.url))

// Imported only now, so that the process that starts itself over does not load them in vain.
if (warmingUp) {
  const { readOptions } = await import('@ioc/contract/options.ts')
  const { warmUp } = await import('./agent.ts')
  const { agentOptions } = await import('./options.ts')
  await import('./run.ts')
  await warmUp(readOptions(agentOptions, process.env))
} else {
  const { runAgent } = await import('./run.ts')
  await runAgent()
}
