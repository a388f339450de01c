import { fields, type ValueOf } from '../../config/fields.ts'
import { checkMap } from '../../mapping/check.ts'
import { mapField, nameField } from '../../mapping/options.ts'
import { collectorKind } from '../collector.ts'
import { mapOf } from './map.ts'

const presets = ['json', 'zigbee2mqtt', 'tasmota', 'sparkplug'] as const

const subscription = {
  kind: 'group',
  title: { vi: 'Chủ đề', en: 'Subscription' },
  fields: fields({
    topic: { kind: 'text', maxLength: 1_000, title: { vi: 'Bộ lọc chủ đề', en: 'Topic filter' } },
    preset: {
      kind: 'choice',
      choices: presets,
      default: 'json',
      title: { vi: 'Cách đọc gói tin', en: 'How messages are read' },
    },
    map: {
      ...mapField,
      optional: true,
      title: { vi: 'Ánh xạ; không có thì gửi mọi giá trị', en: 'Mapping; without it all values are sent' },
      fields: { ...mapField.fields, device: { ...nameField, optional: true } },
    },
  }),
} as const

const options = {
  kind: 'group',
  title: { vi: 'Tùy chọn', en: 'Options' },
  fields: fields({
    url: { kind: 'text', pattern: '^(mqtts?|wss?)://', title: { vi: 'Địa chỉ broker', en: 'URL of the broker' } },
    username: { kind: 'text', optional: true, title: { vi: 'Tên đăng nhập', en: 'User name' } },
    password: { kind: 'text', optional: true, secret: true, title: { vi: 'Mật khẩu', en: 'Password' } },
    subscriptions: {
      kind: 'list',
      items: subscription,
      maxItems: 100,
      title: { vi: 'Các chủ đề cần nhận', en: 'Topics to receive' },
    },
  }),
} as const

export const mqttBridgeKind = collectorKind({
  type: 'mqtt-bridge',
  title: { vi: 'Chủ đề của một broker MQTT tại chỗ', en: 'Topics of a local MQTT broker' },
  cadenceS: 5,
  timeoutS: 15,
  isPeriodic: false,
  options,
  check({ subscriptions }, report) {
    for (const [index, { topic, preset, map }] of subscriptions.entries()) {
      const place = ['subscriptions', index]
      if (!isFilter(topic))
        report([...place, 'topic'], { vi: 'bộ lọc chủ đề không hợp lệ', en: 'not a valid topic filter' })
      if (preset === 'json' && map?.device === undefined) {
        report(place, { vi: 'preset json cần map có mục device', en: 'the preset json requires a map with device' })
      }
      if (map) checkMap(mapOf(map), [...place, 'map'], report)
    }
  },
  load: async () => (await import('./mqtt-bridge.ts')).createMqttBridgeCollector,
})

/** MQTT 3.1.1, section 4.7.1: wildcards stand alone in a level, `#` only in the last. */
function isFilter(topic: string): boolean {
  const levels = topic.split('/')
  return levels.every(
    (level, index) => level === '+' || (level === '#' && index === levels.length - 1) || !/[+#\0]/.test(level),
  )
}

export type MqttBridgeOptions = ValueOf<typeof options>
