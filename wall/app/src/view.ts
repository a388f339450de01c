/** What this window was reloaded for, and where the viewer was. */
interface Reload {
  readonly build: string
  readonly scroll: number
}

const key = 'ioc.reload'
/** How long a position is looked for after a reload, in ms; the page may have become shorter. */
const maxRestoreMs = 10_000
const ownBuild = document.querySelector<HTMLMetaElement>('meta[name="build"]')?.content ?? ''

/**
 * Reloads the page when the server hands out another build, as after an upgrade, and notes where the viewer was. Once
 * for each build: a proxy that keeps an old page must not make a wall reload for ever.
 */
export function reloadForBuild(build: string): void {
  if (ownBuild === '' || build === '' || build === ownBuild || read()?.build === build) return
  try {
    sessionStorage.setItem(key, JSON.stringify({ build, scroll: scrollY } satisfies Reload))
  } catch {
    // Without storage nothing would keep the page from reloading again and again.
    return
  }
  location.reload()
}

/** Brings the viewer back to where a reload interrupted, once the page is long enough again. */
export function restoreView(): void {
  const reload = read()
  if (reload?.build !== ownBuild) return
  const until = performance.now() + maxRestoreMs
  const watcher = new ResizeObserver(() => {
    const reached = document.documentElement.scrollHeight - innerHeight >= reload.scroll
    if (reached) scrollTo({ top: reload.scroll, behavior: 'instant' })
    if (reached || performance.now() > until) watcher.disconnect()
  })
  watcher.observe(document.body)
}

function read(): Reload | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? 'null') ?? undefined
  } catch {
    return undefined
  }
}
