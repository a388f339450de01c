import { join } from 'node:path'
import { httpPortOption } from '@ioc/contract/common-options.ts'
import { type Options, optionSchema } from '@ioc/contract/options.ts'
import { nodeOptions } from '@ioc/uplink/options.ts'

/** Every setting of the camera bridge. */
export const cameraBridgeOptions = optionSchema({
  ...nodeOptions,
  ...httpPortOption,
  cameraSite: { type: 'string', default: '', title: 'Site of the camera bridge; by default from its credential file' },
  cameraNode: { type: 'string', default: '', title: 'Name of the camera bridge; by default from its credential file' },
  cameraPassword: {
    type: 'string',
    default: '',
    secret: true,
    title: 'Password of the camera bridge; by default from its credential file',
  },
  cameraDataDir: {
    type: 'string',
    default: '',
    title: 'Folder of the cameras, their baselines and the outbox; by default camera-bridge in the data folder',
  },
  cameraCadenceMs: {
    type: 'integer',
    default: 30_000,
    minimum: 200,
    maximum: 3_600_000,
    unit: 'ms',
    title: 'Time between two health checks of a camera',
  },
  cameraPictureMs: {
    type: 'integer',
    default: 60_000,
    minimum: 200,
    maximum: 3_600_000,
    unit: 'ms',
    title: 'Time between two pictures of a camera',
  },
  cameraStillMs: {
    type: 'integer',
    default: 300_000,
    minimum: 1_000,
    maximum: 86_400_000,
    unit: 'ms',
    title: 'Time between two stills of a camera that are sent to the wall without a change of its state',
  },
  cameraHomeMs: {
    type: 'integer',
    default: 300_000,
    minimum: 100,
    maximum: 86_400_000,
    unit: 'ms',
    title: 'Time after the last move of a person, until a camera continues its tour or returns to its home',
  },
  cameraAnnouncements: {
    type: 'boolean',
    default: true,
    title: 'Whether announcements of cameras (Hello and Bye of WS-Discovery, multicast on UDP port 3702) are received',
  },
  cameraWallUrl: {
    type: 'string',
    default: '',
    pattern: '^(https?://.+|off)$',
    title: 'URL of the wall, for stills and PTZ; by default this machine, on the HTTP port; off: none',
  },
})

export type CameraBridgeOptions = Options<typeof cameraBridgeOptions>

/** Where a bridge keeps its cameras. */
export function bridgeFolder({
  cameraDataDir,
  dataDir,
}: Pick<CameraBridgeOptions, 'cameraDataDir' | 'dataDir'>): string {
  return cameraDataDir || join(dataDir, 'camera-bridge')
}

/** Where the wall is; '': the bridge does not connect to it. */
export function wallUrlOf({
  cameraWallUrl,
  httpPort,
}: Pick<CameraBridgeOptions, 'cameraWallUrl' | 'httpPort'>): string {
  return cameraWallUrl === 'off' ? '' : cameraWallUrl || `http://127.0.0.1:${httpPort}`
}
