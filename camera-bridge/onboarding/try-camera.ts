import type { CameraReason, CameraStep, StepState } from '@ioc/contract/device-types/camera-health.ts'
import { isIocError } from '@ioc/contract/errors.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import type { CameraEntry } from '../cameras/camera-file.ts'
import { CameraWorker, defaultWorkerSettings } from '../health/camera-worker.ts'
import { type CameraState, summarize } from '../health/summary.ts'
import type { DeviceInformation, OnvifClient } from '../onvif/client.ts'
import type { Account } from '../onvif/digest.ts'
import { createBaseline } from '../picture/baseline.ts'
import { PictureWatch } from '../picture/picture-watch.ts'

export interface Trial {
  readonly state: CameraState
  readonly reason: CameraReason | undefined
  readonly steps: Readonly<Record<Exclude<CameraStep, 'picture'>, StepState>>
  /** What the camera states of itself; undefined where it does not answer. */
  readonly information: (DeviceInformation & { readonly mac: string | undefined }) | undefined
}

/** Checks a camera once, as the bridge would, with one login at most. */
export async function tryCamera(entry: CameraEntry, account: Account | undefined, signal: AbortSignal): Promise<Trial> {
  const now = Date.now()
  const pictures = new PictureWatch(createBaseline(now), { fixed: true })
  const logger = createLogger('camera-bridge', { logLevel: 'silent' })
  const worker = new CameraWorker(
    entry,
    account,
    pictures,
    // A subscription would outlive the check by ten minutes, and fill the camera's table.
    { ...defaultWorkerSettings, followsEvents: false },
    { onRecord: () => undefined },
    logger,
  )
  try {
    await worker.check(signal)
    const { findings } = worker
    const isIn = findings.steps.login === 'ok' && worker.client !== undefined
    const information = isIn ? await identify(worker.client, signal) : undefined
    return { ...summarize(findings), steps: findings.steps, information }
  } finally {
    await worker.stop()
  }
}

async function identify(client: OnvifClient, signal: AbortSignal): Promise<Trial['information']> {
  try {
    const information = await client.readInformation(signal)
    const [mac] = await client.readAddresses(signal)
    return { ...information, mac }
  } catch (error) {
    if (isIocError(error)) return undefined
    throw error
  }
}
