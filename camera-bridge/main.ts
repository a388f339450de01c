import { runProcess } from '@ioc/runtime/process.ts'
import { startBridge } from './bridge.ts'
import { cameraBridgeOptions } from './options.ts'

await runProcess('camera-bridge', cameraBridgeOptions, startBridge)
