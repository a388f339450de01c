import type { Collected, Collector } from '../collector.ts'
import { listVariables } from './client.ts'
import type { NutOptions } from './kind.ts'

type Variables = ReadonlyMap<string, string>

/** Measures UPSs, each as the power of its site. */
export function createNutCollector({ host, port, ups: all }: NutOptions): Collector {
  return {
    devices: () => all.map(({ device, name = device }) => ({ id: device, type: 'site_power', name })),
    async collect(signal): Promise<Collected> {
      const names = all.map(({ ups }) => ups)
      const found = await listVariables({ host, port }, names, signal)
      const ts = Date.now()
      const problems: string[] = []
      const measurements = all.flatMap(({ ups, device }) => {
        const variables = found.get(ups)
        const values = typeof variables === 'object' ? valuesOf(variables) : {}
        if (Object.keys(values).length > 0) return [{ device, ts, values }]
        problems.push(`${ups}: ${typeof variables === 'string' ? variables : 'no values'}`)
        return []
      })
      if (measurements.length === 0) throw new Error(problems.join('; '))
      return { measurements, problems }
    },
  }
}

/** Metrics of `site_power` from the variables of NUT; what a UPS does not say is left out. */
export function valuesOf(variables: Variables): Record<string, number | boolean> {
  const numberOf = (name: string): number | undefined => {
    // An empty text is no number, and not zero.
    const value = Number(variables.get(name) || Number.NaN)
    return Number.isFinite(value) ? value : undefined
  }
  const status = variables.get('ups.status')?.split(' ') ?? []
  // `OL`: on line, `OB`: on battery. A UPS that is off or is only being calibrated says neither.
  const mains = status.includes('OL') ? true : status.includes('OB') ? false : undefined
  const seconds = numberOf('battery.runtime')
  const values = {
    mains,
    mains_v: numberOf('input.voltage'),
    battery_percent: numberOf('battery.charge'),
    battery_minutes: seconds === undefined ? undefined : seconds / 60,
    load_w: numberOf('ups.realpower') ?? loadOf(numberOf('ups.load'), numberOf('ups.realpower.nominal')),
  }
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, number | boolean] => entry[1] !== undefined),
  )
}

/** @param percent of the nominal power */
function loadOf(percent: number | undefined, nominal: number | undefined): number | undefined {
  return percent === undefined || nominal === undefined ? undefined : (percent * nominal) / 100
}
