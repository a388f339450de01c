import { commonOptions, mqttPortOption, storeOptions } from '@ioc/contract/common-options.ts'
import { optionSchema } from '@ioc/contract/options.ts'
import { logOptions } from '@ioc/ingest-log/open.ts'

export const processorOptions = optionSchema({
  ...commonOptions,
  ...mqttPortOption,
  ...logOptions,
  ...storeOptions,
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
