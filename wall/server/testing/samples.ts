import type { LiveIncident } from '@ioc/contract/messages/incidents.ts'
import type { LiveDevice, LiveIndicator, LiveLedger, LiveLiveness, LiveProcess } from '@ioc/contract/messages/live.ts'
import { indicatorTopic, livePrefix } from '@ioc/contract/topics.ts'

/** A value of `system_cpu_1m` of one device. */
export function cpu(value: number, device = 'dev-1', ts = Date.now()): LiveIndicator {
  const level = value > 95 ? 3 : value > 85 ? 2 : value > 70 ? 1 : 0
  return { id: 'system_cpu_1m', scope: 'device', key: `site-1/${device}`, ts, value, level, samples: 6 }
}

/** The topic of an indicator below the live prefix. */
export function topicOf({ id, scope, key, group }: LiveIndicator): string {
  return indicatorTopic(id, scope, key, group).slice(livePrefix.length)
}

export function device(name: string, change: Partial<LiveDevice> = {}): LiveDevice {
  return {
    site: 'site-1',
    node: 'node-1',
    device: name,
    type: 'system',
    name: null,
    lat: null,
    lon: null,
    cadence_s: 10,
    last_ts: Date.now(),
    online: true,
    area: null,
    ...change,
  }
}

/** The liveness of a device that is silent since 30 s after its last measurement. */
export function silent({ site, device, node, last_ts }: LiveDevice): LiveLiveness {
  const state = last_ts === null ? 'never_heard' : 'silent'
  const since = last_ts ?? Date.now()
  return { site, device, node, state, since, last_ts, silent_ms: 30_000, faults: [], clock: null }
}

export function ledger(change: Partial<LiveLedger> = {}): LiveLedger {
  return {
    site: 'site-1',
    node: 'node-1',
    ts: Date.now(),
    sent: 100,
    stored: 97,
    duplicates: 4,
    queued: 2,
    lost: 1,
    rejected: 0,
    offset_ms: 12,
    clamped: 0,
    too_late: 0,
    corrected: 0,
    reused: 0,
    over_quota: 0,
    refused: 0,
    problem: null,
    ...change,
  }
}

export function process(name: string, change: Partial<LiveProcess> = {}): LiveProcess {
  return {
    process: name,
    ts: Date.now(),
    up: true,
    pid: 1234,
    restarts: 0,
    uptime_s: 60,
    rss_mb: 80,
    cpu_percent: 3,
    loop_p99_ms: 11,
    gauges: {},
    ...change,
  }
}

/** An incident of a silent device. */
export function incident(id: number, change: Partial<LiveIncident> = {}): LiveIncident {
  const opened = Date.now() - 60_000
  return {
    ...{ id, state: 'open', severity: 'high', aspect: 'loss', problem: 'silent', cause: `device/site-1/dev-${id}` },
    title: { vi: `Thiết bị không gửi số liệu dev-${id}`, en: `Device is silent dev-${id}` },
    ...{ began: opened - 300_000, opened, ended: null, acknowledged: null, assigned: null },
    ...{ affected: [], affected_count: 0, flapping: false, merged_into: null, merged: [], messages: 0 },
    timeline: [{ at: opened, what: 'opened' }],
    ...change,
  }
}
