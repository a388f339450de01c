import { commonOptions, mqttPortOption } from '@ioc/contract/common-options.ts'
import { optionSchema } from '@ioc/contract/options.ts'

export const alertingOptions = optionSchema({
  ...commonOptions,
  ...mqttPortOption,
})
