import { computed, signal } from '@preact/signals'

/** What the address of the page names. Boards have Grafana's own addresses. */
export type Route =
  | { readonly page: 'board'; readonly uid: string }
  | { readonly page: 'site'; readonly site: string }
  | { readonly page: 'device'; readonly site: string; readonly device: string }
  | { readonly page: 'incidents' }
  | { readonly page: 'incident'; readonly id: number }
  | { readonly page: 'my' }
  | { readonly page: 'maintenance' }
  | { readonly page: 'rota' }
  | { readonly page: 'availability' }
  | { readonly page: 'nodes' }
  | { readonly page: 'node'; readonly site: string; readonly node: string }
  | { readonly page: 'cameras' }
  | { readonly page: 'camera'; readonly site: string; readonly camera: string }
  | { readonly page: 'unknown' }

export const homeUid = 'ioc-home'

const address = signal(new URL(location.href))
addEventListener('popstate', () => {
  address.value = new URL(location.href)
})

export const route = computed<Route>(() => routeOf(address.value.pathname))

/** `var-…`, `from`, `to`, `refresh`, `kiosk`. */
export const query = computed<URLSearchParams>(() => new URLSearchParams(address.value.search))

export function routeOf(path: string): Route {
  const [first = '', second, third, ...rest] = path
    .split('/')
    .filter((part) => part !== '')
    .map(decoded)
  if (first === '') return { page: 'board', uid: homeUid }
  // After the uid Grafana writes a slug of the title, which names nothing.
  if (first === 'd' && second !== undefined && rest.length === 0) return { page: 'board', uid: second }
  if (first === 'sites' && second !== undefined && third === undefined) return { page: 'site', site: second }
  if (first === 'devices' && second !== undefined && third !== undefined && rest.length === 0) {
    return { page: 'device', site: second, device: third }
  }
  if (first === 'nodes' && second !== undefined && third !== undefined && rest.length === 0) {
    return { page: 'node', site: second, node: third }
  }
  if (first === 'cameras' && second !== undefined && third !== undefined && rest.length === 0) {
    return { page: 'camera', site: second, camera: third }
  }
  if (second === undefined && isPlainPage(first)) return { page: first }
  if (first === 'incidents' && /^[1-9]\d{0,14}$/.test(second ?? '') && third === undefined) {
    return { page: 'incident', id: Number(second) }
  }
  if (first === 'reports' && second === 'availability' && third === undefined) return { page: 'availability' }
  return { page: 'unknown' }
}

const plainPages = ['incidents', 'my', 'maintenance', 'rota', 'nodes', 'cameras'] as const
const isPlainPage = (name: string): name is (typeof plainPages)[number] =>
  (plainPages as readonly string[]).includes(name)

/** Goes to an address of the page itself without loading it again. */
export function navigate(url: string, { replace = false }: { readonly replace?: boolean } = {}): void {
  const next = new URL(url, location.href)
  if (next.href === address.peek().href) return
  if (replace) history.replaceState(null, '', next)
  else history.pushState(null, '', next)
  const samePage = next.pathname === address.peek().pathname
  address.value = next
  if (!samePage) scrollTo({ top: 0, behavior: 'instant' })
}

/** The address with other parameters: `undefined` removes one, several values repeat it. */
export function withQuery(changes: Readonly<Record<string, string | readonly string[] | undefined>>): string {
  const next = new URL(address.value)
  for (const [name, value] of Object.entries(changes)) {
    next.searchParams.delete(name)
    for (const one of value === undefined ? [] : [value].flat()) next.searchParams.append(name, one)
  }
  return `${next.pathname}${next.search}`
}

/** Parameters that follow the viewer from board to board: the area and the time range that are looked at. */
const kept = ['var-area', 'from', 'to', 'refresh', 'kiosk', 'playlist', 'every'] as const

/** The address of a board, with the area and the time range of the open one. */
export function boardUrl(uid: string): string {
  const next = new URLSearchParams()
  for (const name of kept) for (const value of query.value.getAll(name)) next.append(name, value)
  const text = next.toString()
  return `/d/${encodeURIComponent(uid)}${text === '' ? '' : `?${text}`}`
}

export const incidentUrl = (id: number): string => `/incidents/${id}`

export const siteUrl = (site: string): string => `/sites/${encodeURIComponent(site)}`

/** The part of an address that names something of a site. */
export const pathOf = (site: string, name: string): string => `${encodeURIComponent(site)}/${encodeURIComponent(name)}`

export const deviceUrl = (site: string, device: string): string => `/devices/${pathOf(site, device)}`

export const nodeUrl = (site: string, node: string): string => `/nodes/${pathOf(site, node)}`

export const cameraUrl = (site: string, camera: string): string => `/cameras/${pathOf(site, camera)}`

/** Lets links within the page navigate, where the viewer asks for no new tab or window. */
export function followLinks(): void {
  addEventListener('click', (event) => {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.ctrlKey ||
      event.metaKey ||
      event.shiftKey ||
      event.altKey
    ) {
      return
    }
    const link = (event.target as Element | null)?.closest?.('a')
    if (link?.target !== '' || link.hasAttribute('download') || link.origin !== location.origin) return
    if (routeOf(link.pathname).page === 'unknown' || (link.hash !== '' && link.pathname === location.pathname)) return
    event.preventDefault()
    navigate(link.href)
  })
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
