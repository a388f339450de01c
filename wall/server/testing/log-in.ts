import { testPassword } from './centre.ts'

export interface LoggedIn {
  readonly status: number
  readonly headers: Headers
  /** As the browser sends it. */
  readonly cookie: string
  readonly body: unknown
}

/** Sends the login form. */
export async function logIn(
  url: string,
  name: string,
  password = testPassword,
  headers: Record<string, string> = {},
): Promise<LoggedIn> {
  const response = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ name, password }),
  })
  const [cookie = ''] = (response.headers.get('set-cookie') ?? '').split(';')
  return { status: response.status, headers: response.headers, cookie, body: await response.json() }
}
