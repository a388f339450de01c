/** Says whether one more connection may come in, by their number and by their rate (a bucket that refills). */
export function createConnectionLimits(limits: { readonly total: number; readonly perSecond: number }) {
  let open = 0
  let tokens = limits.perSecond
  let at = performance.now()

  return {
    /** Takes a place; `false` if there is none. Each `true` is followed by one `release()`. */
    take(): boolean {
      const now = performance.now()
      tokens = Math.min(limits.perSecond, tokens + ((now - at) / 1000) * limits.perSecond)
      at = now
      if (open >= limits.total || tokens < 1) return false
      tokens--
      open++
      return true
    },
    release(): void {
      open--
    },
    open: () => open,
  }
}
