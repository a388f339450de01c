import { agent } from './agent.ts'
import { engine } from './engine.ts'
import { live } from './live.ts'
import { spine } from './spine.ts'

/** What can be measured. A new stage is a file beside this one, and a line here. */
export const stages: Readonly<Record<string, () => Promise<void>>> = { spine, live, agent, engine, storage }

import { storage } from './storage.ts'
