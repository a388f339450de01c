import { onTestFinished } from 'vitest'
import { SimulatedCamera, type SimulatedCameraSettings } from '../camera.ts'

/** A started camera that goes with the test. Its pictures are small. */
export async function startCamera(settings: SimulatedCameraSettings = {}): Promise<SimulatedCamera> {
  const camera = new SimulatedCamera({ scene: { width: 320, height: 180 }, ...settings })
  await camera.start()
  onTestFinished(() => camera.stop())
  return camera
}
