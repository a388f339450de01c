import { airIndicators } from './air/air.ts'
import { cameraIndicators } from './camera.ts'
import type { Indicator } from './indicator.ts'
import { systemIndicators } from './system.ts'
import { trafficIndicators } from './traffic.ts'
import { weatherIndicators } from './weather/weather.ts'

/** Every indicator. A new one is a declaration in its domain's file; a new domain is a file, and a line here. */
export const indicators: readonly Indicator[] = [
  ...systemIndicators,
  ...airIndicators,
  ...weatherIndicators,
  ...trafficIndicators,
  ...cameraIndicators,
]
