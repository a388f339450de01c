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
