import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { readPrivateJson, writePrivateJson } from '@ioc/runtime/private-file.ts'
import { type Baseline, createBaseline } from './baseline.ts'
import type { PictureFigures } from './limits.ts'

const version = 1

/** What is kept of a camera's pictures: its baseline, and the figures of the last ones. No picture. */
export interface SavedPictures {
  readonly baseline: Baseline
  readonly figures: readonly PictureFigures[]
}

/** Baselines on disk, a file a camera. */
export class BaselineStore {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = join(folder, 'pictures')
  }

  /** Undefined where nothing was saved, or by a version that counted otherwise: it is learned again. */
  read(camera: string): SavedPictures | undefined {
    const saved = readPrivateJson(this.#path(camera)) as (SavedPictures & { readonly version: number }) | undefined
    return saved?.version === version ? saved : undefined
  }

  baseline(camera: string, now: number): Baseline {
    return this.read(camera)?.baseline ?? createBaseline(now)
  }

  save(camera: string, { baseline, figures }: SavedPictures): void {
    writePrivateJson(this.#path(camera), { version, baseline, figures })
  }

  remove(camera: string): void {
    rmSync(this.#path(camera), { force: true })
  }

  #path(camera: string): string {
    return join(this.#folder, `${camera.replace('/', '@')}.json`)
  }
}
