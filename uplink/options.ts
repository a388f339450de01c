import { commonOptions, mqttPortOption } from '@ioc/contract/common-options.ts'
import { slugPattern } from '@ioc/contract/names.ts'
import { optionSchema } from '@ioc/contract/options.ts'

/** Settings of every node: where the broker is, and how much may wait on disk. */
export const nodeOptions = optionSchema({
  ...commonOptions,
  ...mqttPortOption,
  mqttUrl: {
    type: 'string',
    default: '',
    pattern: '^(mqtts?|wss?)://',
    title: 'URL of the broker; by default this machine, on the MQTT port',
  },
  area: {
    type: 'string',
    default: '',
    pattern: slugPattern,
    title: 'Area code of the site, from district/areas.yaml; ignored if the centre lists the site',
  },
  outboxMaxMb: {
    type: 'number',
    default: 64,
    minimum: 0.01,
    maximum: 1_000_000,
    unit: 'MB',
    title: 'Maximum size of the outbox; beyond it the oldest messages are dropped and counted',
  },
  outboxMaxAgeH: {
    type: 'number',
    default: 720,
    minimum: 0.001,
    maximum: 87_600,
    unit: 'h',
    title: 'Maximum age of a queued message, in uptime; older messages are dropped and counted',
  },
  replayPerSecond: {
    type: 'number',
    default: 50,
    minimum: 0.1,
    maximum: 100_000,
    unit: 'messages/s',
    title: 'Maximum backlog messages sent per second',
  },
})
