import type { ApiDevices } from '@ioc/contract/messages/api.ts'
import { computed, effect, signal } from '@preact/signals'
import type { Names } from '../fields/names.ts'
import { areas, connections, sites } from '../state.ts'
import { sayGroup } from '../words.ts'

/** Names of devices by `site/device`: they are many, and are read rather than subscribed to. */
const deviceNames = signal<ReadonlyMap<string, string>>(new Map())

/** The names that hold now. */
export const names = computed<Names>(() => {
  const [areasNow, sitesNow, devicesNow] = [areas.value, sites.value, deviceNames.value]
  return {
    tag: (tag, value, { site }) => {
      switch (tag) {
        case 'area':
          return areasNow.get(value)?.name ?? value
        case 'site':
          return sitesNow.get(value)?.name ?? value
        case 'device':
          return devicesNow.get(`${site ?? ''}/${value}`) ?? value
        case 'group':
          return sayGroup(value)
        default:
          return value
      }
    },
  }
})

export function areaOfSite(site: string): string | undefined {
  return sites.peek().get(site)?.area
}

/** Reads the names of devices at each new connection, for as long as a board is open. */
export function loadDeviceNames(): () => void {
  return effect(() => {
    if (connections.value === 0) return
    fetch('/api/devices')
      .then(async (response) => {
        if (!response.ok) return
        const { devices } = (await response.json()) as ApiDevices
        deviceNames.value = new Map(
          devices.flatMap(({ site, device, name }) => (name === null ? [] : [[`${site}/${device}`, name] as const])),
        )
      })
      // Without names, keys are shown; the next connection asks again.
      .catch(() => {})
  })
}
