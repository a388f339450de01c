import { commonOptions, districtOptions, districtPollOption, mqttPortOption } from '@ioc/contract/common-options.ts'
import { optionSchema } from '@ioc/contract/options.ts'

export const alertingOptions = optionSchema({
  ...commonOptions,
  ...mqttPortOption,
  ...districtOptions,
  ...districtPollOption,
  channelsFile: {
    type: 'string',
    default: '',
    title: 'File with the settings and secrets of channels, mode 600; empty: alerting/channels.yaml in the data folder',
  },
  wallUrl: {
    type: 'string',
    default: '',
    pattern: '^https?://',
    title: 'Address of the wall as people reach it, for links in messages; empty: no links',
  },
  certificates: {
    type: 'string',
    default: '',
    pattern: '^[^\\s/]+:\\d+(,\\s*[^\\s/]+:\\d+)*$',
    title: 'TLS endpoints, as host:port,host:port, whose certificates are watched besides that of IOC_WALL_URL',
  },
  heartbeatUrl: {
    type: 'string',
    default: '',
    pattern: '^https?://',
    title: 'URL of an outside watcher, which receives a POST every minute while incidents are watched',
  },
})
