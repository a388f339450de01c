import { notificationTopic } from '@ioc/contract/topics.ts'
import type { MqttClient } from 'mqtt'
import type { Notifier } from './notifier.ts'

/** Publishes notifications for integrators, at QoS 1: the broker has one when it is handed over. */
export function createMqttNotifier(client: MqttClient): Notifier {
  return {
    async hand({ notice, incident }) {
      await client.publishAsync(notificationTopic, JSON.stringify({ ...notice, about: incident }), { qos: 1 })
    },
    stop: async () => undefined,
  }
}
