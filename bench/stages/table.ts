import { agent } from './agent.ts'
import { cameraPictures } from './camera-pictures.ts'
import { cameras } from './cameras.ts'
import { district } from './district.ts'
import { engine } from './engine.ts'
import { growth } from './growth.ts'
import { ordinaryLoad } from './ordinary-load.ts'
import { spine } from './spine.ts'

/** What can be measured. A new stage is a file beside this one, and a line here. */
export const stages: Readonly<Record<string, () => Promise<void>>> = {
  async spine() {
    await spine()
    await ordinaryLoad()
    await growth()
  },
  agent,
  engine,
  storage,
  district,
  wall,
  watch,
  async cameras() {
    await cameraPictures()
    await cameras()
  },
}

import { storage } from './storage.ts'
import { wall } from './wall.ts'
import { watch } from './watch.ts'
