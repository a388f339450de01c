import { commonOptions, mqttPortOption, storeOptions } from '@ioc/contract/common-options.ts'
import { optionSchema } from '@ioc/contract/options.ts'

export const processorOptions = optionSchema({
  ...commonOptions,
  ...mqttPortOption,
  ...storeOptions,
  logPartitions: { type: 'integer', default: 1, minimum: 1, maximum: 64, title: 'Partitions of the ingest log' },
  logMaxGb: {
    type: 'number',
    default: 20,
    minimum: 0.001,
    maximum: 100_000,
    unit: 'GB',
    title: 'Most that the ingest log may hold',
  },
  logRetentionHours: {
    type: 'number',
    default: 168,
    minimum: 0,
    maximum: 87_600,
    unit: 'h',
    title: 'How long the log keeps what is processed, for computing anew',
  },
  deadLettersMax: {
    type: 'integer',
    default: 10_000,
    minimum: 1,
    maximum: 10_000_000,
    title: 'Dead letters that are kept; the oldest go first',
  },
  latenessMs: {
    type: 'integer',
    default: 3_600_000,
    minimum: 0,
    maximum: 31_622_400_000,
    unit: 'ms',
    title: 'How late an event may be and still amend indicators',
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
