import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Site } from '@ioc/contract/district/sites.ts'
import { IocError } from '@ioc/contract/errors.ts'
import type { NodeAddress } from '@ioc/contract/topics.ts'

/** Passwords of the simulated agents, by username. `ioc demo` writes them, in a file that only this user may read. */
export type Passwords = Readonly<Record<string, string>>

/** Name of the simulated agent of each site. */
const nodeName = 'sim'

/** The folder of the simulation in a data folder. */
export const simulatorFolder = (dataDir: string): string => join(dataDir, 'simulator')

export const passwordFile = (dataDir: string): string => join(simulatorFolder(dataDir), 'passwords.json')

/** The sites that are simulated: those whose kind is known. */
export function simulatedSites(sites: readonly Site[]): readonly Site[] {
  return sites.filter(({ kind }) => kind !== undefined)
}

export const addressOf = ({ site }: Site): NodeAddress => ({ site, node: nodeName })

/** Sites whose cameras a camera bridge watches in a demonstration. */
export function cameraSites(sites: readonly Site[]): readonly Site[] {
  return sites.filter(({ kind }) => kind === 'camera_pole' || kind === 'high_camera')
}

export const cameraNodeName = 'camera-bridge'

/**
 * The node of the cameras of a site. The simulation fills its past, and then hands it over to the bridge, so that each camera
 * has one history.
 */
export const cameraAddressOf = ({ site }: Site): NodeAddress => ({ site, node: cameraNodeName })

/** Where the simulated cameras are reached, once the past is filled in. */
export const demoCameraFile = (dataDir: string): string => join(simulatorFolder(dataDir), 'cameras.json')

/** @throws IocError FOLDER_UNUSABLE where there are none */
export function readPasswords(dataDir: string): Passwords {
  const path = passwordFile(dataDir)
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Passwords
  } catch (cause) {
    throw new IocError('FOLDER_UNUSABLE', `cannot read ${path}: \`ioc demo\` writes it (${(cause as Error).message})`, {
      cause,
    })
  }
}
