import { SimulatedCamera, type SimulatedCameraSettings } from '@ioc/simulator/onvif-camera/camera.ts'
import { onTestFinished } from 'vitest'

/** A started camera that goes with the test. Its pictures are small. */
export async function startCamera(settings: SimulatedCameraSettings = {}): Promise<SimulatedCamera> {
  const camera = new SimulatedCamera({ scene: { width: 320, height: 180 }, ...settings })
  await camera.start()
  onTestFinished(() => camera.stop())
  return camera
}

/** Looks at each turn of the event loop until the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10))
}
