/** A token bucket on the monotonic clock, so that a step of the system's clock changes nothing. */
export interface Bucket {
  /** Takes tokens where there is at least one; it may go below zero, which the following ones wait for. */
  take(tokens?: number): boolean
  /** Takes tokens whether or not there are any. */
  charge(tokens: number): void
  /** ms until `take` succeeds. */
  waitMs(): number
  /** Whether nothing was taken lately. */
  isFull(): boolean
}

export function createBucket(perSecond: number, burst = perSecond): Bucket {
  let tokens = burst
  let at = performance.now()

  const refill = () => {
    const now = performance.now()
    tokens = Math.min(burst, tokens + ((now - at) / 1000) * perSecond)
    at = now
  }
  return {
    take(wanted = 1) {
      refill()
      if (tokens < 1) return false
      tokens -= wanted
      return true
    },
    charge(spent) {
      refill()
      tokens -= spent
    },
    waitMs() {
      refill()
      return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / perSecond) * 1000)
    },
    isFull() {
      refill()
      return tokens >= burst
    },
  }
}

/** A bucket for each key, of which the least recently used go beyond `maxKeys`. */
export function createBuckets(perSecond: number, burst: number, maxKeys: number): (key: string) => Bucket {
  const buckets = new Map<string, Bucket>()
  return (key) => {
    const bucket = buckets.get(key) ?? createBucket(perSecond, burst)
    buckets.delete(key)
    buckets.set(key, bucket)
    if (buckets.size > maxKeys) buckets.delete(buckets.keys().next().value as string)
    return bucket
  }
}
