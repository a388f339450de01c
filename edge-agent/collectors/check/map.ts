import { declaredOf } from '../../mapping/birth.ts'
import type { MapOptions } from '../../mapping/options.ts'

/** What the checks measure. */
const checkValues = ['up', 'latency_ms', 'loss_percent', 'status', 'valid_days'] as const

/** The mapping of a target: without one, all values under their own names. */
export function mapOf({
  device,
  type,
  name,
  lat,
  lon,
  values,
}: Pick<MapOptions, 'type' | 'name' | 'lat' | 'lon' | 'values'> & { readonly device: string }): MapOptions {
  const own = Object.fromEntries(checkValues.map((value) => [value, { from: value, optional: true }]))
  return {
    device: { value: device, optional: false },
    values: values ?? own,
    ...declaredOf({ type, name, lat, lon }),
  }
}
