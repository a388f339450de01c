import { commonOptions, httpPortOption, mqttPortOption, storeOptions } from '@ioc/contract/common-options.ts'
import { type Options, optionSchema } from '@ioc/contract/options.ts'

export const wallOptions = {
  ...commonOptions,
  ...mqttPortOption,
  ...httpPortOption,
  ...storeOptions,
  ...optionSchema({
    apiToken: {
      type: 'string',
      default: '',
      secret: true,
      title: 'Token that the pages, the API and /live ask for; required beyond loopback',
    },
  }),
} as const

export type WallOptions = Options<typeof wallOptions>

/** The address at which a process of this machine reaches a server that listens on `bind`. */
export function reachable(bind: string): string {
  return bind === '0.0.0.0' || bind === '::' || bind === '' ? '127.0.0.1' : bind
}

/** A host as it stands in a URL. */
export function urlHost(bind: string): string {
  const host = reachable(bind)
  return host.includes(':') ? `[${host}]` : host
}
