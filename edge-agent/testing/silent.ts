import { pino } from 'pino'

/** A real logger that prints nothing. */
export const silent = pino({ level: 'silent' })
