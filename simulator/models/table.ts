import type { Model } from '../model.ts'

/** What is simulated. A new model is a file beside this one, and a line here. */
export const models: readonly Model[] = []
