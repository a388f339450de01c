import type { storeOptions } from '@ioc/contract/common-options.ts'
import type { Options } from '@ioc/contract/options.ts'
import { urlHost } from '@ioc/runtime/listen.ts'

/** Header by which the embedded store, and no InfluxDB, says that it also exports and backs up. */
export const ownHeader = 'X-Ioc-Storage'

/** Where points are written to and read from. */
export interface StoreTarget {
  /** Without a slash at its end. */
  readonly url: string
  /** Empty for none. */
  readonly token: string
  readonly org: string
  readonly bucket: string
  /** 1 writes to `/write`, 2 and 3 to `/api/v2/write`. */
  readonly version: number
}

/**
 * The server that the settings name: the embedded store of this machine, unless `influxUrl` is set. With `bind`, the
 * embedded store is looked for where it listens.
 */
export function storeTarget(options: Options<typeof storeOptions> & { readonly bind?: string }): StoreTarget {
  const embedded = options.influxUrl === ''
  return {
    url: embedded
      ? `http://${urlHost(options.bind ?? '')}:${options.storagePort}`
      : options.influxUrl.replace(/\/+$/, ''),
    token: options.influxToken,
    org: options.influxOrg,
    bucket: options.influxBucket,
    version: embedded ? 2 : options.influxVersion,
  }
}
