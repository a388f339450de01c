import { analysis } from './analysis.ts'
import { budget } from './budget.ts'
import { business } from './business.ts'
import { centre } from './centre.ts'
import { citizens } from './citizens.ts'
import { devices } from './devices.ts'
import { education } from './education.ts'
import { environment } from './environment.ts'
import { forest } from './forest.ts'
import { health } from './health.ts'
import { home } from './home.ts'
import { incidents } from './incidents.ts'
import type { Board } from './kit/board.ts'
import { land } from './land.ts'
import { publicServices } from './public-services.ts'
import { security } from './security.ts'
import { socioEconomic } from './socio-economic.ts'
import { tourism } from './tourism.ts'
import { traffic } from './traffic.ts'
import { typeBoards } from './types.ts'
import { undeclared } from './undeclared.ts'

/** Every board, in the order of the menu. A new one is a file beside this one, and a line here. */
export const boards: readonly Board[] = [
  home,
  publicServices,
  citizens,
  health,
  education,
  tourism,
  budget,
  business,
  land,
  socioEconomic,
  environment,
  forest,
  traffic,
  security,
  devices,
  incidents,
  centre,
  analysis,
  ...typeBoards,
  undeclared,
]
