import type { CollectorFactory } from './collector.ts'
import { createSystemCollector } from './system/system.ts'

/** Every collector that the agent runs. A new one is a folder beside `system/`, and a line here. */
export const collectors: readonly CollectorFactory[] = [createSystemCollector]
