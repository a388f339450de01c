import { IocError } from '@ioc/contract/errors.ts'
import { type CameraAddress, type CameraFile, movedTo, type NewCamera } from '../cameras/camera-file.ts'
import type { KnownIdentity } from '../health/identity-check.ts'
import type { Account } from '../onvif/digest.ts'
import { type Trial, tryCamera } from './try-camera.ts'

/**
 * Tests a camera and adds it with what it is recognized by. One that does not answer now is added too: it may be installed
 * before its line.
 * @throws IocError as `CameraFile.add`
 */
export async function addCamera(
  file: CameraFile,
  { password, ...added }: NewCamera,
  signal: AbortSignal,
): Promise<Trial> {
  file.check(added)
  const account = added.username === undefined ? undefined : { username: added.username, password: password ?? '' }
  const trial = await tryCamera(added, account, signal)
  file.add({ ...added, ...identityIn(trial), ...(password === undefined ? {} : { password }) })
  return trial
}

/**
 * Tests a camera at another address and watches it there from now on. Its serial number shows that it is the same one; a camera
 * without a known serial number is taken at the word of whoever moves it.
 * @throws IocError CAMERA_UNKNOWN, CAMERA_EXISTS, CAMERAS_INVALID
 */
export async function moveCamera(
  file: CameraFile,
  name: string,
  address: CameraAddress,
  signal: AbortSignal,
): Promise<Trial> {
  const entry = file.find(name)
  const trial = await tryCamera(movedTo(entry, address), file.account(entry), signal)
  const { serial = '' } = trial.information ?? {}
  if (entry.serial !== undefined && serial !== '' && serial !== entry.serial) {
    throw new IocError(
      'CAMERA_EXISTS',
      `another camera answers there: its serial number is ${serial}, not ${entry.serial}`,
    )
  }
  file.readdress(name, address)
  return trial
}

/**
 * Takes the device that answers at the address of a camera for that camera from now on, as after a repair. What was learned of
 * the pictures of the old one is dropped by the bridge.
 * @param account undefined: the login stays
 * @throws IocError CAMERA_UNKNOWN, CAMERA_EXISTS, CAMERA_UNREACHABLE, CAMERA_UNAUTHORIZED
 */
export async function replaceCamera(
  file: CameraFile,
  name: string,
  account: Account | undefined,
  signal: AbortSignal,
): Promise<Trial> {
  const entry = file.find(name)
  const { serial: _, mac: __, ...unknown } = entry
  const trial = await tryCamera(unknown, account ?? file.account(entry), signal)
  if (trial.information === undefined) {
    const code = trial.steps.login === 'failed' ? 'CAMERA_UNAUTHORIZED' : 'CAMERA_UNREACHABLE'
    throw new IocError(code, `no camera that could be recognized answers at the address of ${name}: ${trial.reason}`)
  }
  file.reidentify(name, identityIn(trial), account)
  return trial
}

/** What the camera of a trial is recognized by. */
function identityIn({ information }: Trial): KnownIdentity {
  const { serial = '', mac } = information ?? {}
  return { ...(serial === '' ? {} : { serial }), ...(mac === undefined ? {} : { mac }) }
}
