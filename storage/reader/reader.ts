import { IocError } from '@ioc/contract/errors.ts'
import type { StoreTarget } from '../target.ts'

export type Cell = number | string | boolean | null

/** One series of an answer; the first column is `time`, in milliseconds, where there are times. */
export interface Series {
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly columns: readonly string[]
  readonly values: readonly (readonly Cell[])[]
}

/** Values of `$name` in a query. */
export type QueryParameters = Readonly<Record<string, string | number | boolean>>

export interface Reader {
  /**
   * Runs one or more statements; the series of all of them, in order.
   * @throws IocError QUERY_INVALID, STORE_UNREACHABLE, STORE_UNAUTHORIZED
   */
  query(q: string, params?: QueryParameters): Promise<Series[]>
  /** The same, parted by statement. */
  queryEach(q: string, params?: QueryParameters): Promise<Series[][]>
}

export interface ReaderOptions {
  readonly target: StoreTarget
  /** Longest that a query may take, in ms. Default 60,000. */
  readonly timeoutMs?: number
}

interface Body {
  readonly error?: string
  readonly message?: string
  readonly results?: readonly {
    readonly error?: string
    readonly series?: readonly (Partial<Series> & Pick<Series, 'columns'>)[]
  }[]
}

/** Creates a reader of InfluxQL over HTTP. It holds nothing that must be released. */
export function createReader({ target, timeoutMs = 60_000 }: ReaderOptions): Reader {
  const queryEach = async (q: string, params?: QueryParameters): Promise<Series[][]> => {
    const form = new URLSearchParams({ db: target.bucket, q, epoch: 'ms' })
    if (params) form.set('params', JSON.stringify(params))
    const body = await post(target, form, timeoutMs)
    return (body.results ?? []).map(({ error, series = [] }) => {
      if (error !== undefined) throw new IocError('QUERY_INVALID', error)
      return series.map(({ name = '', tags = {}, columns, values = [] }) => ({ name, tags, columns, values }))
    })
  }
  return { queryEach, query: async (q, params) => (await queryEach(q, params)).flat() }
}

async function post(target: StoreTarget, form: URLSearchParams, timeoutMs: number): Promise<Body> {
  let status: number
  let text: string
  try {
    const response = await fetch(`${target.url}/query`, {
      method: 'POST',
      body: form,
      headers: { Accept: 'application/json', ...(target.token && { Authorization: `Token ${target.token}` }) },
      signal: AbortSignal.timeout(timeoutMs),
    })
    status = response.status
    text = await response.text()
  } catch (error) {
    throw new IocError('STORE_UNREACHABLE', `the store at ${target.url} does not answer`, { cause: error })
  }
  const body = parseBody(text)
  if (status === 200 && body) return body
  const reason = body?.error ?? body?.message ?? `status ${status}`
  if (status === 401 || status === 403) throw new IocError('STORE_UNAUTHORIZED', reason)
  throw new IocError(status === 400 ? 'QUERY_INVALID' : 'STORE_UNREACHABLE', reason)
}

function parseBody(text: string): Body | undefined {
  try {
    return JSON.parse(text) as Body
  } catch {
    return undefined
  }
}
