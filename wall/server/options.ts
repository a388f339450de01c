import { commonOptions, httpPortOption, mqttPortOption, storeOptions } from '@ioc/contract/common-options.ts'
import { type Options, optionSchema } from '@ioc/contract/options.ts'
import { httpGuardOptions } from '@ioc/runtime/http-guard.ts'

export const wallOptions = {
  ...commonOptions,
  ...mqttPortOption,
  ...httpPortOption,
  ...storeOptions,
  ...httpGuardOptions,
  ...optionSchema({
    apiToken: {
      type: 'string',
      default: '',
      secret: true,
      title: 'Token that the pages, the API and /live ask for; required beyond loopback',
    },
    maxLiveClientsPerAddress: {
      type: 'integer',
      default: 200,
      minimum: 1,
      maximum: 1000,
      title: 'Connections of /live from one address; all walls behind one proxy share its address',
    },
    maxMetricDevices: {
      type: 'integer',
      default: 2000,
      minimum: 0,
      maximum: 100_000,
      title: 'Devices, and nodes, that have time series of their own in /metrics',
    },
  }),
} as const

export type WallOptions = Options<typeof wallOptions>
