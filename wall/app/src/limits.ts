import type { Levels } from '@ioc/contract/messages/live.ts'

/** Limits with the level that begins at each. */
export function levelLimits(levels: Levels | undefined): readonly { readonly level: number; readonly value: number }[] {
  const values = [levels?.attention, levels?.warning, levels?.critical]
  return values.flatMap((value, index) => (value === undefined ? [] : [{ level: index + 1, value }]))
}
