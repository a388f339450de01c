import { runProcess } from '@ioc/runtime/process.ts'
import { simulatorOptions } from './options.ts'
import { startSimulator } from './simulator.ts'

await runProcess('simulator', simulatorOptions, startSimulator)
