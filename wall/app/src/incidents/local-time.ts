const zoneMs = 7 * 3_600_000

/** A time for an input of the type `datetime-local`, in Vietnam time whatever the zone of the browser is. */
export const toLocalInput = (ts: number): string => new Date(ts + zoneMs).toISOString().slice(0, 16)

/** The time of such an input, in ms since 1970, UTC; 0 of an empty one. */
export function fromLocalInput(text: string): number {
  const ts = Date.parse(`${text}:00Z`) - zoneMs
  return Number.isNaN(ts) ? 0 : ts
}
