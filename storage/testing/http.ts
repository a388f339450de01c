import type { StoreTarget } from '../target.ts'

export interface HttpAnswer {
  readonly status: number
  readonly text: string
}

/** Writes lines as they are, in version 1's way, which every store of the tests speaks. */
export async function post(target: StoreTarget, lines: string, precision = 'ns'): Promise<HttpAnswer> {
  const url = `${target.url}/write?db=${target.bucket}&precision=${precision}`
  const response = await fetch(url, { method: 'POST', body: lines, headers: authorization(target) })
  return { status: response.status, text: await response.text() }
}

export async function ask(
  target: StoreTarget,
  q: string,
  more: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<HttpAnswer> {
  const url = `${target.url}/query?${new URLSearchParams({ db: target.bucket, q, ...more })}`
  const response = await fetch(url, { method, headers: { ...authorization(target), ...headers } })
  return { status: response.status, text: await response.text() }
}

function authorization({ token }: StoreTarget): Record<string, string> {
  return token === '' ? {} : { Authorization: `Token ${token}` }
}
