import { optionSchema } from '@ioc/contract/options.ts'
import type { Running } from '@ioc/runtime/process.ts'
import type { Logger } from 'pino'
import type { EmbeddedOptions } from './embedded/embedded.ts'

/** A store that answers at a port as InfluxDB does, and passes `storage/suite.ts`. */
export interface StoreBackend extends Running {
  /** Resolves to its port. */
  start(): Promise<number>
}

type CreateStore = (options: EmbeddedOptions, logger: Logger) => StoreBackend

/** Stores to choose from. A new one is a folder beside this file, and a line here. Only the one that is chosen is imported. */
export const storeBackends = {
  embedded: async () => {
    const { EmbeddedStore } = await import('./embedded/embedded.ts')
    return (options, logger) => new EmbeddedStore(options, logger)
  },
} as const satisfies Readonly<Record<string, () => Promise<CreateStore>>>

export const backendOptions = optionSchema({
  storageBackend: {
    type: 'string',
    default: 'embedded',
    enum: Object.keys(storeBackends) as (keyof typeof storeBackends)[],
    title: 'Kind of store; fixed after the first point',
  },
})
