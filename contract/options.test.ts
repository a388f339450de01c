import { describe, expect, test } from 'vitest'
import { environmentName, optionSchema, readOptions } from './options.ts'

const schema = optionSchema({
  mqttPort: { type: 'integer', default: 1883, minimum: 0, maximum: 65535, title: 'port' },
  share: { type: 'number', default: 0.5, minimum: 0, maximum: 1, unit: 'of all', title: 'share' },
  open: { type: 'boolean', default: false, title: 'open' },
  mode: { type: 'string', default: 'flush', enum: ['flush', 'commit'], title: 'mode' },
  url: { type: 'string', default: '', pattern: '^https?://', title: 'url' },
  token: { type: 'string', default: '', pattern: '^[a-z]+$', secret: true, title: 'token' },
})

describe('options', () => {
  test('defaults, frozen', () => {
    const options = readOptions(schema, { IOC_MQTT_PORT: '' })
    expect(options).toEqual({ mqttPort: 1883, share: 0.5, open: false, mode: 'flush', url: '', token: '' })
    expect(Object.isFrozen(options)).toBe(true)
  })

  test('reads what the environment says', () => {
    const options = readOptions(schema, { IOC_MQTT_PORT: '0', IOC_SHARE: '0.25', IOC_OPEN: 'yes', IOC_MODE: 'commit' })
    expect(options).toMatchObject({ mqttPort: 0, share: 0.25, open: true, mode: 'commit' })
  })

  test.each([
    ['IOC_MQTT_PORT', 'abc'],
    ['IOC_MQTT_PORT', '1.5'],
    ['IOC_MQTT_PORT', '70000'],
    ['IOC_MQTT_PORT', ' '],
    ['IOC_SHARE', 'Infinity'],
    ['IOC_SHARE', 'NaN'],
    ['IOC_OPEN', 'maybe'],
    ['IOC_MODE', 'sometimes'],
    ['IOC_URL', 'file:///etc/passwd'],
  ])('%s=%s is refused, and the message names both', (name, value) => {
    expect(() => readOptions(schema, { [name]: value })).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
    expect(() => readOptions(schema, { [name]: value })).toThrow(name)
  })

  test('a secret never stands in a message', () => {
    expect(() => readOptions(schema, { IOC_TOKEN: 'SECRET1' })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('SECRET1') }),
    )
  })

  test('names follow the keys', () => {
    expect(environmentName('mqttMaxPacketBytes')).toBe('IOC_MQTT_MAX_PACKET_BYTES')
  })
})
