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

/** How long the names are good for, in ms: each board of a slide show would read those of 10,000 devices again. */
const namesMs = 10 * 60_000
let namesRead = { connection: 0, at: Number.NEGATIVE_INFINITY }

/** Reads the names of devices at each new connection, and where a board is opened some time later. */
export function loadDeviceNames(): () => void {
  return effect(() => {
    const connection = connections.value
    const isRecent = connection === namesRead.connection && performance.now() - namesRead.at < namesMs
    if (connection === 0 || isRecent) return
    fetch('/api/devices')
      .then(async (response) => {
        if (!response.ok) return
        const { devices } = (await response.json()) as ApiDevices
        namesRead = { connection, at: performance.now() }
        deviceNames.value = new Map(
          devices.flatMap(({ site, device, name }) => (name === null ? [] : [[`${site}/${device}`, name] as const])),
        )
      })
      // Without names, keys are shown; the next connection asks again.
      .catch(() => {})
  })
}
