import { problemTexts } from '../../mapping/collected.ts'
import { type Mapped, Mapping } from '../../mapping/mapping.ts'
import type { Collected, Collector } from '../collector.ts'
import { messageOf } from '../message-of.ts'
import type { CheckOptions } from './kind.ts'
import { mapOf } from './map.ts'
import { type Probe, probe } from './probes.ts'

/** Checks under way at a time, at most. */
const maxParallel = 20

/** Checks whether machines and services answer. */
export function createCheckCollector({ targets }: CheckOptions): Collector {
  const checks = targets.map((target) => ({ target, mapping: new Mapping(mapOf(target)) }))

  async function run({ target, mapping }: (typeof checks)[number], signal: AbortSignal): Promise<Mapped | string> {
    const ts = Date.now()
    try {
      const measured: Probe = await probe(target, signal)
      const row = {
        label: target.device,
        get: (name: string) => (measured as unknown as Record<string, unknown>)[name] ?? null,
      }
      return mapping.map([row], { ts, decimal: '.' })
    } catch (error) {
      return `${target.device}: ${messageOf(error)}`
    }
  }

  return {
    devices: () => checks.flatMap(({ mapping }) => mapping.devices()),
    async collect(signal): Promise<Collected> {
      const results: (Mapped | string)[] = []
      const waiting = [...checks]
      const worker = async (): Promise<void> => {
        for (let next = waiting.shift(); next; next = waiting.shift()) results.push(await run(next, signal))
      }
      await Promise.all(Array.from({ length: maxParallel }, worker))
      const mapped = results.filter((result) => typeof result !== 'string')
      const failed = results.filter((result) => typeof result === 'string')
      const measurements = mapped.flatMap((result) => result.measurements)
      const [first] = failed
      if (measurements.length === 0 && first !== undefined) throw new Error(first)
      return { measurements, problems: [...failed, ...mapped.flatMap((result) => problemTexts(result))] }
    },
  }
}
