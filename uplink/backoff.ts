/** How long to wait between attempts to connect, in ms. */
export interface BackoffSettings {
  readonly minMs: number
  readonly maxMs: number
  /** Least wait after the broker refused the credential: trying again soon cannot help, and looks like an attack. */
  readonly refusedMs: number
}

export const defaultBackoff: BackoffSettings = { minMs: 500, maxMs: 60_000, refusedMs: 30_000 }

/**
 * The wait before the next attempt, in ms: it doubles with each failure up to `maxMs`, and is spread over its upper
 * half, so that a district's agents do not all come back in the same second after a broker's restart.
 */
export function backoffMs(
  failures: number,
  refused: boolean,
  settings: BackoffSettings,
  random = Math.random(),
): number {
  const doubled = Math.min(settings.maxMs, settings.minMs * 2 ** Math.min(failures, 30))
  const wait = refused ? Math.max(doubled, settings.refusedMs) : doubled
  return wait / 2 + (wait / 2) * random
}
