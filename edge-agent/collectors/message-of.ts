/** The message of an error and of its cause, which often has the reason: `fetch failed: connect ECONNREFUSED …`. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.message || (error as NodeJS.ErrnoException).code || error.name
  return error.cause instanceof Error && !own.includes(error.cause.message) && error.cause.message !== ''
    ? `${own}: ${error.cause.message}`
    : own
}
