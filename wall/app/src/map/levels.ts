import type { Level } from '@ioc/contract/messages/live.ts'

/** The order in which what is not as it should be counts: levels first, then what is silent. */
export function levelOrder({ level, silent }: { readonly level: Level; readonly silent: boolean }): number {
  return level * 2 + (silent ? 1 : 0)
}

/** Names the state of a place: the class of its shape. */
export type Look = 'normal' | 'silent' | 'attention' | 'warning' | 'critical'

export function lookOf({ level, silent }: { readonly level: Level; readonly silent: boolean }): Look {
  switch (level) {
    case 0:
      return silent ? 'silent' : 'normal'
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
