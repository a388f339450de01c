import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CameraFile, type NewCamera } from '@ioc/camera-bridge/cameras/camera-file.ts'
import { siteCredentials } from '@ioc/camera-bridge/identity.ts'
import { bridgeFolder, cameraBridgeOptions } from '@ioc/camera-bridge/options.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { username } from '@ioc/contract/topics.ts'
import { writePrivateJson } from '@ioc/runtime/private-file.ts'
import { ensureFolder } from '@ioc/runtime/process.ts'
import { cameraNodeName, demoCameraFile, readPasswords } from '@ioc/simulator/credentials.ts'

/** A simulated camera, as the simulator lists it. */
interface ListedCamera {
  readonly site: string
  readonly device: string
  readonly type: 'camera' | 'high_camera'
  readonly title: string
  readonly onvif: string
  readonly lat?: number
  readonly lon?: number
}

export interface DemoBridge {
  /** The number of simulated cameras that can be reached. */
  follow(cameras: number): void
}

/** Seconds that a high camera stays at each view of its tour. */
const dwellS = 300
const tourTokens = ['1', '3', '5', '7'] as const

/**
 * Sets up the camera bridge of a demonstration: at first without cameras, as the simulation fills in their past; then with
 * those that the simulator runs, with the credentials of their sites.
 */
export function createDemoBridge(environment: NodeJS.ProcessEnv): DemoBridge {
  const options = readOptions(cameraBridgeOptions, environment)
  const folder = ensureFolder(bridgeFolder(options))
  const credentials = siteCredentials(folder)
  const list = join(folder, 'cameras.json')
  rmSync(list, { force: true })
  rmSync(credentials, { recursive: true, force: true })
  ensureFolder(credentials)
  let isSetUp = false
  return {
    follow(count) {
      const path = demoCameraFile(options.dataDir)
      if (isSetUp || count === 0 || !existsSync(path)) return
      const { cameras } = JSON.parse(readFileSync(path, 'utf8')) as { readonly cameras: readonly ListedCamera[] }
      const passwords = readPasswords(options.dataDir)
      for (const site of new Set(cameras.map((one) => one.site))) {
        const name = username({ site, node: cameraNodeName })
        const password = passwords[name]
        if (password !== undefined) writePrivateJson(join(credentials, `${site}.json`), { username: name, password })
      }
      new CameraFile(folder).addAll(cameras.map(entryOf))
      isSetUp = true
    },
  }
}

function entryOf({ device, ...camera }: ListedCamera): NewCamera {
  const tour = tourTokens.map((preset) => ({ preset, dwell_s: dwellS }))
  return {
    ...camera,
    name: device,
    ...(camera.type === 'high_camera' ? { ptz: { home: '1', north_deg: 0, tour } } : {}),
  }
}
