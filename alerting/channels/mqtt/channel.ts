import { notificationTopic } from '@ioc/contract/topics.ts'
import type { MqttClient } from 'mqtt'
import type { Channel } from '../channel.ts'
import { attempt, failed } from '../http.ts'

/** Publishes notifications for programs and for open pages of the wall, at QoS 1: the broker has one when it is sent. */
export function createMqtt(client: MqttClient): Channel {
  return {
    send: ({ key, address, event, text, at }) =>
      attempt(async () => {
        // Offline, the client would keep it in memory.
        if (!client.connected) return failed('not connected to the broker')
        await client.publishAsync(notificationTopic, JSON.stringify({ key, at, text, to: address, ...event }), {
          qos: 1,
        })
        return { kind: 'sent' }
      }),
    stop: async () => undefined,
  }
}
