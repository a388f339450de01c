import { dayMs, hourMs, minuteMs } from '../local-time.ts'
import type { Model } from '../model.ts'
import { keyOf, uniform, wave } from '../noise.ts'
import { round } from '../numbers.ts'
import { forKinds, sensor } from '../sources.ts'

const gigabyte = 1e9

/** Services of one-stop counters. */
export const serviceModel: Model = {
  name: 'service',
  sources: forKinds(['one_stop'], (site, world) =>
    ['web', 'database'].map((name, index) => {
      const key = keyOf(world.seed, `service-${name}`, site.site)
      return sensor(site, world, {
        type: 'service',
        device: `service-${name}`,
        cadence_s: 60,
        fill_cadence_s: 1800,
        measure: (ts) => ({
          running: true,
          processes: 2 + 6 * index,
          cpu_percent: round(4 + 3 * wave(key, ts, 9 * minuteMs), 1),
          memory_percent: round(8 + 10 * index + 2 * wave(key, ts, 5 * hourMs), 1),
        }),
      })
    }),
  ),
}

/** Parts of the server of a commune: its disk for data, and its interface. */
export const machineModel: Model = {
  name: 'machine',
  sources: forKinds(['commune_office'], (site, world) => {
    const key = keyOf(world.seed, 'machine', site.site)
    const share = (ts: number) => 0.3 + 0.3 * uniform(key, 0) + 0.03 * wave(key, ts, 9 * dayMs)
    const total = 2_000 * gigabyte
    return [
      sensor(site, world, {
        type: 'file_system',
        device: 'disk-data',
        cadence_s: 300,
        fill_cadence_s: 3600,
        measure: (ts) => ({
          used_percent: round(100 * share(ts), 1),
          used_bytes: round(total * share(ts)),
          total_bytes: total,
        }),
      }),
      sensor(site, world, {
        type: 'storage_drive',
        device: 'drive-1',
        cadence_s: 600,
        fill_cadence_s: 3600,
        measure: (ts) => ({
          healthy: true,
          temperature_c: round(38 + 4 * wave(key, ts, 7 * hourMs)),
          wear_percent: 3,
          reallocated_sectors: 0,
          pending_sectors: 0,
          power_on_hours: round((ts - Date.UTC(2025, 0, 1)) / hourMs),
        }),
      }),
      sensor(site, world, {
        type: 'network_interface',
        device: 'net-eth0',
        cadence_s: 60,
        fill_cadence_s: 1800,
        measure(ts) {
          const rate = (world.calendar.isOpen(ts) ? 60_000 : 8_000) * (1 + 0.5 * wave(key, ts, 20 * minuteMs))
          return { up: true, rx_bytes_per_s: round(rate), tx_bytes_per_s: round(rate / 4) }
        },
      }),
    ]
  }),
}
