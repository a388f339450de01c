import { runProcess } from '@ioc/runtime/process.ts'
import { wallOptions } from './options.ts'
import { startWall } from './start.ts'

await runProcess('wall', wallOptions, (options, logger) => startWall(options, logger))
