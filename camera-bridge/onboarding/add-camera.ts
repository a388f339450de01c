import type { CameraFile, NewCamera } from '../cameras/camera-file.ts'
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
  const { serial = '', mac } = trial.information ?? {}
  const identity = { ...(serial === '' ? {} : { serial }), ...(mac === undefined ? {} : { mac }) }
  file.add({ ...added, ...identity, ...(password === undefined ? {} : { password }) })
  return trial
}
