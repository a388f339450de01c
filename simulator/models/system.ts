import { counterOf } from '../counter.ts'
import { dayMs, hourMs, hourOf, minuteMs, startOfWeek, weekOf } from '../local-time.ts'
import type { Model } from '../model.ts'
import { choice, keyOf, uniform, wave } from '../noise.ts'
import { clamp, round } from '../numbers.ts'
import { forKinds, isFifth, sensor } from '../sources.ts'

const gigabyte = 1e9

/** Machines of offices: busy in office hours, with a backup at night. */
export const systemModel: Model = {
  name: 'system',
  sources: forKinds(
    ['commune_office', 'one_stop', 'health_centre', 'tax_office', 'treasury', 'police_post'],
    (site, world) => {
      const key = keyOf(world.seed, 'system', site.site)
      const memory = ([4, 8, 16] as const)[choice(key, 0, 3)] ?? 8
      const disk = ([240, 480, 960] as const)[choice(key, 1, 3)] ?? 480
      const usedAtFirst = 0.25 + 0.35 * uniform(key, 2)
      const busy = (ts: number) => {
        const backup = Math.abs(hourOf(ts) - 1.5) < 0.35 ? 30 : 0
        const work = world.calendar.isOpen(ts) ? 22 : 0
        return 6 + work + backup + 9 * wave(key, ts, 7 * minuteMs) + (work > 0 ? 10 * wave(key, ts, hourMs) : 0)
      }
      /** Logs fill the disk, and are removed at the end of the month. */
      const diskUsed = (ts: number) => usedAtFirst + 0.05 * ((ts / dayMs) % 30) * (1 / 30) + 0.01 * wave(key, ts, dayMs)
      /** kB. */
      const received = counterOf(
        10,
        (ts) => (busy(ts) > 20 ? 90_000 : 9_000) * (1 + 0.6 * wave(key, ts, 30 * minuteMs)),
      )
      return [
        sensor(site, world, {
          type: 'system',
          device: 'system',
          cadence_s: 30,
          fill_cadence_s: 1800,
          measure(ts, since) {
            const cpu = clamp(busy(ts), 1, 98)
            const memoryShare = clamp(0.42 + cpu / 400 + 0.05 * wave(key, ts, 3 * hourMs), 0.2, 0.95)
            const perSecond = (1000 * 1000 * received.between(since, ts)) / (ts - since)
            return {
              cpu_percent: round(cpu, 1),
              load_1m: round(cpu / 25, 2),
              memory_used_percent: round(100 * memoryShare, 1),
              disk_used_percent: round(100 * diskUsed(ts), 1),
              net_rx_bytes_per_s: round(perSecond),
              net_tx_bytes_per_s: round(perSecond * 0.3),
              ...(isFifth(since, ts) && {
                load_5m: round(cpu / 27, 2),
                load_15m: round(cpu / 30, 2),
                memory_used_bytes: round(memoryShare * memory * gigabyte),
                memory_total_bytes: memory * gigabyte,
                swap_used_percent: round(clamp(2 + 2 * wave(key, ts, dayMs), 0, 100), 1),
                disk_used_bytes: round(diskUsed(ts) * disk * gigabyte),
                disk_total_bytes: disk * gigabyte,
                temperature_c: round(41 + cpu / 4 + 2 * wave(key, ts, 2 * hourMs), 1),
                /** Updates restart it on Mondays. */
                uptime_s: round((ts - startOfWeek(weekOf(ts))) / 1000),
              }),
            }
          },
        }),
      ]
    },
  ),
}
