import { liveBatchLine, snapshotLine } from '@ioc/contract/live-batch.ts'
import type { LiveDistrict, LiveRule } from '@ioc/contract/messages/live.ts'
import { districtTopic, liveBatchTopic } from '@ioc/contract/topics.ts'
import type { MqttClient } from 'mqtt'

const emptyDistrict: LiveDistrict = {
  ...{ areas: [], sites: [], units: [], targets: [], thresholds: [], rules: [], upstreams: [] },
  ...{ outlines: null, problem: null },
}

/** Publishes a district that has nothing but rules, as the stream processor does. */
export async function publishRules(client: MqttClient, rules: readonly LiveRule[]): Promise<void> {
  const district = liveBatchLine(districtTopic, JSON.stringify({ ...emptyDistrict, rules }))
  const batch = [snapshotLine(false), district, snapshotLine(true)].join('')
  await client.publishAsync(liveBatchTopic, batch, { qos: 1 })
}
