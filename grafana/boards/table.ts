import type { Board } from './board.ts'
import { machine } from './machine.ts'

/** Every board. A new one is a file beside this one, and a line here. */
export const boards: readonly Board[] = [machine]
