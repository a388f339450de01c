import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { bridgeFolder } from '@ioc/camera-bridge/options.ts'
import { IocError } from '@ioc/contract/errors.ts'
import type { Options } from '@ioc/contract/options.ts'
import { nodeFlags } from '@ioc/edge-agent/launch.ts'
import { urlHost } from '@ioc/runtime/listen.ts'
import { closest } from './closest.ts'
import type { startOptions } from './settings.ts'

type StartOptions = Options<typeof startOptions>

export interface ProcessOnDisk {
  readonly name: string
  readonly main: string
  readonly gives: string
  /** Flags of Node. */
  readonly flags?: readonly string[]
  /** Variables that it begins with, where they are not set. */
  readonly environment?: Readonly<Record<string, string>>
  /** Only one of its kind may use a data folder: it holds a lock. */
  readonly exclusive?: boolean
  /** Where it is reached. */
  readonly address?: (options: StartOptions) => string
  /** What must be ready before it starts. */
  readonly after?: readonly string[]
  /** An argument with which it only warms the compile cache up, and ends. */
  readonly warmUp?: string
  /** Whether there is anything for it to do; unless it is named in the settings, it is not started without. */
  readonly isConfigured?: (options: ChosenOptions) => boolean
}

type ChosenOptions = Pick<StartOptions, 'processes' | 'influxUrl' | 'dataDir' | 'cameraDataDir'>

/** The processes of one machine; they end in the reverse order. Each is a `main.ts` that can also run by itself. */
export const processes = [
  {
    name: 'storage',
    main: 'storage/main.ts',
    gives: 'the embedded store',
    exclusive: true,
    address: ({ bind, storagePort }) => `http://${urlHost(bind)}:${storagePort}`,
    // What is written is garbage at once: a large young generation would only keep more of it.
    flags: ['--max-semi-space-size=8'],
    // The C library gives back at once what bodies and batches took, from 64 KiB on, and does not keep room apart for each
    // thread; the engine's allocator gives back what nothing used for a tenth of a second, in place of two.
    environment: {
      MALLOC_MMAP_THRESHOLD_: '65536',
      MALLOC_ARENA_MAX: '2',
      DUCKDB_JE_MALLOC_CONF: 'dirty_decay_ms:100,muzzy_decay_ms:0',
    },
  },
  {
    name: 'broker',
    main: 'broker/main.ts',
    gives: 'MQTT',
    exclusive: true,
    address: ({ bind, mqttPort }) => `mqtt://${urlHost(bind)}:${mqttPort}`,
  },
  {
    name: 'stream-processor',
    main: 'stream-processor/main.ts',
    gives: 'indicators',
    exclusive: true,
    after: ['storage', 'broker'],
  },
  { name: 'alerting', main: 'alerting/main.ts', gives: 'incidents', exclusive: true, after: ['broker'] },
  {
    name: 'wall',
    main: 'wall/server/main.ts',
    gives: 'pages, API, live',
    after: ['broker'],
    address: ({ bind, httpPort }) => `http://${urlHost(bind)}:${httpPort}`,
  },
  {
    name: 'camera-bridge',
    main: 'camera-bridge/main.ts',
    gives: 'cameras',
    after: ['broker'],
    isConfigured: (options) => hasCameras(bridgeFolder(options)),
  },
  // Started once to fill the compile cache, and with flags that keep an agent small.
  {
    name: 'edge-agent',
    main: 'edge-agent/main.ts',
    gives: "this machine's own metrics",
    after: ['broker'],
    flags: nodeFlags,
    warmUp: '--warm-up',
  },
] as const satisfies readonly ProcessOnDisk[]

/** What `ioc demo` runs beside them, also before there are cameras. */
export const cameraBridge: ProcessOnDisk = processes.find(({ name }) => name === 'camera-bridge') as ProcessOnDisk

/** What `ioc demo` runs beside them. */
export const simulator: ProcessOnDisk = {
  name: 'simulator',
  main: 'simulator/main.ts',
  gives: 'a simulated district',
  exclusive: true,
  after: ['broker', 'stream-processor', 'wall'],
}

/**
 * The processes that the settings ask for. The embedded store is left out where another store is named, the camera bridge
 * where it has no cameras.
 * @throws IocError OPTION_INVALID
 */
export function chosenProcesses(options: ChosenOptions): readonly ProcessOnDisk[] {
  if (options.processes.trim() === '') {
    const all: readonly ProcessOnDisk[] = processes
    return all.filter(
      ({ name, isConfigured = () => true }) =>
        (name !== 'storage' || options.influxUrl === '') && isConfigured(options),
    )
  }
  const names: readonly string[] = processes.map(({ name }) => name)
  const wanted = options.processes.split(',').map((name) => name.trim())
  const unknown = wanted.find((name) => !names.includes(name))
  if (unknown !== undefined) {
    const meant = closest(unknown, names)
    const advice = meant === undefined ? '' : `, did you mean ${meant}?`
    throw new IocError(
      'OPTION_INVALID',
      `IOC_PROCESSES: ${unknown || 'an empty name'} is not one of ${names.join(', ')}${advice}`,
    )
  }
  return processes.filter(({ name }) => wanted.includes(name))
}

/** Cameras, and a credential to report them with. */
function hasCameras(folder: string): boolean {
  const has = (name: string) => existsSync(join(folder, name))
  const isKnown = has('credential.json') || has('credentials') || (process.env['IOC_CAMERA_PASSWORD'] ?? '') !== ''
  return has('cameras.json') && isKnown
}

/** What runs now, and where it is reached: the page, or without the wall each process by itself. */
export function describeReady(running: readonly ProcessOnDisk[], options: StartOptions): string {
  const wall = running.find(({ name }) => name === 'wall')
  if (wall?.address) return wall.address(options)
  return running.map(({ name, address }) => (address ? `${name} on ${address(options)}` : name)).join(', ')
}
