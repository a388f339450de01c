/** Longest that one reading of the machine may take, in ms: `df` hangs on a network disk that is away. */
const limitMs = 5_000

/**
 * Wraps a reading that may fail or hang: it then gives `undefined`. While one hangs, it is not started again, so that
 * hanging ones do not pile up.
 */
export function reading<T>(read: () => T | Promise<T>, timeoutMs = limitMs): () => Promise<T | undefined> {
  let hanging = false
  return async () => {
    if (hanging) return undefined
    hanging = true
    const result = (async () => read())()
      .catch(() => undefined)
      .finally(() => {
        hanging = false
      })
    return Promise.race([result, after(timeoutMs, result)])
  }
}

/** `undefined` after `ms`; its timer ends with `work`. */
async function after(ms: number, work: Promise<unknown>): Promise<undefined> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    work.then(() => clearTimeout(timer)).then(resolve)
  })
  return undefined
}
