import { join } from 'node:path'
import { type Options, optionSchema } from '@ioc/contract/options.ts'
import { nodeOptions } from '@ioc/uplink/options.ts'

/** Every setting of the camera bridge. */
export const cameraBridgeOptions = optionSchema({
  ...nodeOptions,
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
})

export type CameraBridgeOptions = Options<typeof cameraBridgeOptions>

/** Where a bridge keeps its cameras. */
export function bridgeFolder({
  cameraDataDir,
  dataDir,
}: Pick<CameraBridgeOptions, 'cameraDataDir' | 'dataDir'>): string {
  return cameraDataDir || join(dataDir, 'camera-bridge')
}
