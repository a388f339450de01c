import type { Case, CaseRecord } from '@ioc/contract/messages/cases.ts'
import type { Model, World } from '../model.ts'

const hourMs = 3_600_000

/** A number from 0 to 1 that follows from the seed, a name and a number. */
function noise(seed: number, name: string, index: number): number {
  let mixed = seed ^ Math.imul(index, 0x9e3779b1)
  for (const letter of name) mixed = Math.imul(mixed ^ letter.charCodeAt(0), 0x85ebca6b)
  mixed ^= mixed >>> 15
  return (Math.imul(mixed, 0xc2b2ae35) >>> 0) / 2 ** 32
}

/** Air at every site: few values, known by their time. */
const air: Model = {
  name: 'air',
  sources: ({ site, lat = 11.7, lon = 108.5 }, world) => [
    {
      name: 'air',
      cadence_s: 60,
      fill_cadence_s: 600,
      devices: () => [{ id: 'air-01', type: 'air_quality', name: 'Không khí', lat, lon }],
      collect: (ts) => [{ device: 'air-01', ts, values: airAt(site, world, ts) }],
    },
  ],
}

function airAt(site: string, { seed, eventsAt }: World, ts: number) {
  const smog = eventsAt(ts).some(({ kind }) => kind === 'smog_night') ? 150 : 0
  const pm25 = 20 + smog + 10 * noise(seed, site, ts / 1_000)
  return { pm25, pm10: pm25 * 1.6, temperature_c: 20 + 5 * Math.sin(ts / (4 * hourMs)), humidity_percent: 80 }
}

/** A machine in each commune office. */
const machine: Model = {
  name: 'machine',
  sources: ({ site, kind }, { seed }) =>
    kind !== 'commune_office'
      ? []
      : [
          {
            name: 'machine',
            cadence_s: 30,
            fill_cadence_s: 3_600,
            devices: () => [{ id: 'pc-01', type: 'system' }],
            collect(ts) {
              const values = { cpu_percent: 50 * noise(seed, site, ts / 1_000), memory_used_percent: 40 }
              return [{ device: 'pc-01', ts, values }]
            },
          },
        ],
}

/** A dossier an hour at each one-stop counter, closed two days later. */
const dossiers: Model = {
  name: 'dossiers',
  cases: ({ site, kind }) =>
    kind !== 'one_stop'
      ? []
      : [
          {
            name: 'dossiers',
            devices: () => [{ id: 'mot-cua', type: 'one_stop' }],
            changes(from, to) {
              const changes: CaseRecord[] = []
              for (let ts = (Math.floor(from / hourMs) + 1) * hourMs; ts <= to; ts += hourMs) {
                changes.push(dossier(site, ts, ts), dossier(site, ts - 48 * hourMs, ts))
              }
              return changes
            },
          },
        ],
}

function dossier(site: string, opened: number, ts: number): CaseRecord {
  const closed = ts > opened ? ts : null
  const one = { id: `${site}-${opened}`, state: closed ? 'done' : 'open', opened, due: opened + 72 * hourMs, closed }
  return { device: 'mot-cua', ts, case: { ...one, field: 'dat-dai', online: true } as Case }
}

export const models: readonly Model[] = [air, machine, dossiers]
