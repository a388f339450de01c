import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { readPrivateJson, writePrivateJson } from '@ioc/runtime/private-file.ts'
import type { Diagnosis } from '../health/diagnosis.ts'
import { type Baseline, createBaseline } from './baseline.ts'
import type { PictureFigures } from './limits.ts'

/** Version 1 measured the sharpness with the burnt-in clock. */
const version = 2

/** What is kept of a camera: the baseline of its pictures, the figures of the last ones, and its last check. No picture. */
export interface SavedPictures {
  readonly baseline: Baseline
  readonly figures: readonly PictureFigures[]
  /** Undefined where an earlier version saved it. */
  readonly health?: Diagnosis
}

/** Baselines on disk, a file a camera. */
export class BaselineStore {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = join(folder, 'pictures')
  }

  /** Undefined where nothing was saved, or by a later version. */
  read(camera: string): SavedPictures | undefined {
    const saved = readPrivateJson(this.#path(camera)) as (SavedPictures & { readonly version: number }) | undefined
    switch (saved?.version) {
      case version:
        return saved
      case 1:
        return { ...saved, baseline: withoutSharpness(saved.baseline) }
      default:
        return undefined
    }
  }

  baseline(camera: string, now: number): Baseline {
    return this.read(camera)?.baseline ?? createBaseline(now)
  }

  save(camera: string, saved: SavedPictures): void {
    writePrivateJson(this.#path(camera), { version, ...saved })
  }

  remove(camera: string): void {
    rmSync(this.#path(camera), { force: true })
  }

  #path(camera: string): string {
    return join(this.#folder, `${camera.replace('/', '@')}.json`)
  }
}

function withoutSharpness(baseline: Baseline): Baseline {
  const hours = baseline.hours.map((samples) => samples.map(([mean, structure]) => [mean, structure, null] as const))
  return { ...baseline, hours }
}
