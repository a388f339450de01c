import type { LiveDistrict } from '@ioc/contract/messages/live.ts'
import type { LiveState } from './live-state.ts'

/** The area of each site: as the district lists it, else as its devices say. Computed again when one of them changes. */
export class SiteAreas {
  readonly #state: LiveState
  #areas: ReadonlyMap<string, string> = new Map()
  #version = -1
  #district: LiveDistrict | undefined

  constructor(state: LiveState) {
    this.#state = state
  }

  get areas(): ReadonlyMap<string, string> {
    const { fleetVersion, district, known } = this.#state
    if (this.#version === fleetVersion && this.#district === district) return this.#areas
    const areas = new Map<string, string>()
    for (const { site, area } of known.devices.values()) if (area !== null) areas.set(site, area)
    for (const { site, area } of district.sites) areas.set(site, area)
    this.#areas = areas
    this.#version = fleetVersion
    this.#district = district
    return areas
  }
}
