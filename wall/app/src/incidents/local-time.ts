import { displayOffsetMs } from '@ioc/runtime/display-time.ts'

/** A time for an input of the type `datetime-local`, in Vietnam time whatever the zone of the browser is. */
export const toLocalInput = (ts: number): string => new Date(ts + displayOffsetMs).toISOString().slice(0, 16)

/** The time of such an input, in ms since 1970, UTC; 0 of an empty one. */
export function fromLocalInput(text: string): number {
  const ts = Date.parse(`${text}:00Z`) - displayOffsetMs
  return Number.isNaN(ts) ? 0 : ts
}
