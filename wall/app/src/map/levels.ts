import type { Level } from '@ioc/contract/messages/live.ts'

/** How it is at a place. */
export interface PlaceState {
  readonly level: Level
  /** Whether nothing at it reports. */
  readonly silent: boolean
  /** How many of its devices are silent, where that is some of them. */
  readonly someSilent?: { readonly silent: number; readonly all: number }
}

/** The order in which what is not as it should be counts: levels first, then what is silent. */
export function levelOrder({ level, silent, someSilent }: PlaceState): number {
  return level * 2 + (silent ? 1 : someSilent ? 0.5 : 0)
}

/** Names the state of a place: the class of its shape. */
export type Look = 'normal' | 'partly' | 'silent' | 'attention' | 'warning' | 'critical'

export function lookOf({ level, silent, someSilent }: PlaceState): Look {
  switch (level) {
    case 0:
      if (silent) return 'silent'
      return someSilent ? 'partly' : 'normal'
    case 1:
      return 'attention'
    case 2:
      return 'warning'
    case 3:
      return 'critical'
    default:
      return level satisfies never
  }
}
