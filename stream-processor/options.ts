import { commonOptions, mqttPortOption, storeOptions } from '@ioc/contract/common-options.ts'
import { optionSchema } from '@ioc/contract/options.ts'
import { logOptions } from '@ioc/ingest-log/open.ts'

export const processorOptions = optionSchema({
  ...commonOptions,
  ...mqttPortOption,
  ...logOptions,
  ...storeOptions,
  district: {
    type: 'string',
    default: './district',
    title: 'Folder of what is known of the district: areas.yaml, sites.yaml',
  },
  logRetentionHours: {
    type: 'number',
    default: 168,
    minimum: 0,
    maximum: 87_600,
    unit: 'h',
    title: 'How long the log keeps what is processed, for computing anew',
  },
  latenessMs: {
    type: 'integer',
    default: 604_800_000,
    minimum: 0,
    maximum: 31_622_400_000,
    unit: 'ms',
    title: 'How late an event may be and still amend indicators',
  },
  idleMs: {
    type: 'integer',
    default: 10_000,
    minimum: 100,
    maximum: 86_400_000,
    unit: 'ms',
    title: 'How long a device is quiet before the clock closes its windows',
  },
  forgetDays: {
    type: 'number',
    default: 35,
    minimum: 1,
    maximum: 3_660,
    unit: 'd',
    title: 'How long windows are kept of a device that says nothing any more',
  },
  engineMaxDevices: {
    type: 'integer',
    default: 200_000,
    minimum: 1,
    maximum: 8_000_000,
    title: 'Most devices that are known; of others measurements are stored, but count for no indicator',
  },
  engineMaxSeries: {
    type: 'integer',
    default: 200_000,
    minimum: 1,
    maximum: 8_000_000,
    title: 'Most keys (devices, sites, groups) that windows are kept for, by kind of window',
  },
  engineCacheMb: {
    type: 'integer',
    default: 512,
    minimum: 1,
    maximum: 1_000_000,
    unit: 'MB',
    title: 'Memory for what is over but may be used again, by late events and long windows; the rest is on disk',
  },
  checkpointMs: {
    type: 'integer',
    default: 1_000,
    minimum: 10,
    maximum: 600_000,
    unit: 'ms',
    title: 'Time between checkpoints',
  },
})
