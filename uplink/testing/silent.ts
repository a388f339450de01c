import { createLogger } from '@ioc/runtime/logger.ts'

/** A real logger that prints nothing. */
export const silent = createLogger('test', { logLevel: 'silent' })
