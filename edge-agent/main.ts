import { runProcess } from '@ioc/runtime/process.ts'
import { startAgent } from './agent.ts'
import { agentOptions } from './options.ts'

await runProcess('edge-agent', agentOptions, startAgent)
