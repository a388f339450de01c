import {
  commonOptions,
  districtOptions,
  httpPortOption,
  mqttPortOption,
  storeOptions,
  tlsOptions,
} from '@ioc/contract/common-options.ts'
import { type Options, optionSchema } from '@ioc/contract/options.ts'
import { httpGuardOptions } from '@ioc/runtime/http-guard.ts'

export const wallOptions = {
  ...commonOptions,
  ...mqttPortOption,
  ...tlsOptions,
  ...httpPortOption,
  ...storeOptions,
  ...httpGuardOptions,
  district: districtOptions.district,
  ...optionSchema({
    mapFile: {
      type: 'string',
      default: '',
      title: 'PMTiles file with vector tiles (OpenMapTiles or Protomaps schema), the base map of the pages',
    },
    grafanaUrl: {
      type: 'string',
      default: '',
      pattern: '^https?://[^\\s/?#@]+(/[^\\s?#]*)?$',
      title: 'URL of the Grafana that is provisioned with the boards; panels and boards link to it',
    },
    apiToken: {
      type: 'string',
      default: '',
      secret: true,
      title: 'Bearer token of an administrator for programs; people log in as users (ioc user)',
    },
    agentBundles: {
      type: 'string',
      default: './dist/agent',
      title: 'Folder of the bundles that "npm run agent:bundle" built; served below /agent/',
    },
    maxPasswordDays: {
      type: 'number',
      default: 0,
      minimum: 0,
      maximum: 3_660,
      unit: 'd',
      title: 'Age at which the password of an agent is replaced, without an interruption; 0: never',
    },
    lastStillHours: {
      type: 'number',
      default: 24,
      minimum: 0.01,
      maximum: 720,
      unit: 'h',
      title: 'How long the last still of a camera is kept',
    },
    incidentStillDays: {
      type: 'number',
      default: 7,
      minimum: 0.0001,
      maximum: 366,
      unit: 'd',
      title: 'How long stills of incidents are kept after they were taken',
    },
    maxLiveClientsPerAddress: {
      type: 'integer',
      default: 200,
      minimum: 1,
      maximum: 1000,
      title: 'Maximum /live connections per address; walls behind one proxy share its address',
    },
    maxMetricDevices: {
      type: 'integer',
      default: 2000,
      minimum: 0,
      maximum: 100_000,
      title: 'Maximum devices, and nodes, with their own time series in /metrics',
    },
  }),
} as const

export type WallOptions = Options<typeof wallOptions>
