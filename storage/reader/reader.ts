import { IocError } from '@ioc/contract/errors.ts'
import type { StoreTarget } from '../target.ts'
import { requestText } from './request.ts'

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
  const headers = { Accept: 'application/json' }
  const text = await requestText(target, '/query', { method: 'POST', body: form, headers }, timeoutMs)
  try {
    return JSON.parse(text) as Body
  } catch (error) {
    throw new IocError('STORE_UNREACHABLE', `the store at ${target.url} did not answer with JSON`, { cause: error })
  }
}
