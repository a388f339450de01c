import { silent } from '@ioc/uplink/testing/silent.ts'
import { onTestFinished } from 'vitest'
import type { CameraEntry } from '../cameras/camera-file.ts'
import { CameraWorker, defaultWorkerSettings, type WorkerSettings } from '../health/camera-worker.ts'
import type { Account } from '../onvif/digest.ts'
import { createBaseline } from '../picture/baseline.ts'
import { PictureWatch } from '../picture/picture-watch.ts'

/** A worker of one camera that knows nothing of its pictures yet, until the test ends. The test makes its checks. */
export function testWorker(
  entry: Partial<CameraEntry>,
  account?: Account,
  settings: Partial<WorkerSettings> = {},
): CameraWorker {
  const all = { ...defaultWorkerSettings, ...settings }
  const worker = new CameraWorker(
    { name: 'cam-01', type: 'camera', ...entry },
    account,
    new PictureWatch(createBaseline(all.now()), { fixed: true }),
    all,
    { onRecord: () => undefined },
    silent,
  )
  onTestFinished(() => worker.stop())
  return worker
}
