import { readPrivateText, writePrivateText } from '@ioc/runtime/private-file.ts'
import type { ZaloSettings } from '../../channel-settings.ts'
import { fieldOf, request } from '../http.ts'

type Oa = Extract<ZaloSettings, { kind: 'oa' }>

/** What is kept of an official account's authorization. */
interface Kept {
  /** The token of the settings that it began with: another one there replaces all. */
  readonly seed: string
  readonly refreshToken: string
  /** When the refresh token was issued. */
  readonly issued: number
  readonly accessToken: string | null
  /** When the access token expires. */
  readonly until: number
}

/** How long a refresh token is valid, in ms. */
const refreshMs = 90 * 86_400_000
/** An access token is renewed so long before its end, in ms. */
const marginMs = 5 * 60_000

export interface Tokens {
  /** @throws Error where the authorization was refused */
  accessToken(renew: boolean): Promise<string>
  /** When a person must authorize again. */
  refreshableUntil(): number
}

/**
 * The tokens of an official account. A refresh token is of use once, and the answer has the next one: it is on the disk
 * before anything else is done, and only one request renews at a time.
 */
export function createTokens(settings: Oa, path: string, now: () => number): Tokens {
  const { app_id, secret_key, refresh_token: seed, oauth_url = 'https://oauth.zaloapp.com' } = settings
  const stored = readPrivateText(path)
  const known = stored === undefined ? undefined : (JSON.parse(stored) as Kept)
  let kept: Kept =
    known?.seed === seed ? known : { seed, refreshToken: seed, issued: now(), accessToken: null, until: 0 }
  if (kept !== known) writePrivateText(path, JSON.stringify(kept))
  let renewing: Promise<string> | undefined

  async function renew(): Promise<string> {
    const answer = await request(`${oauth_url}/v4/oa/access_token`, {
      method: 'POST',
      headers: { secret_key, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ app_id, grant_type: 'refresh_token', refresh_token: kept.refreshToken }).toString(),
    })
    const accessToken = fieldOf(answer.json, ['access_token'])
    const refreshToken = fieldOf(answer.json, ['refresh_token'])
    if (typeof accessToken !== 'string' || typeof refreshToken !== 'string') {
      const why = fieldOf(answer.json, ['error_name']) ?? fieldOf(answer.json, ['error']) ?? answer.status
      throw new Error(`the authorization must be renewed by a person: ${String(why)}`)
    }
    const seconds = Number(fieldOf(answer.json, ['expires_in']) ?? 0)
    kept = { seed, refreshToken, issued: now(), accessToken, until: now() + seconds * 1_000 }
    writePrivateText(path, JSON.stringify(kept))
    return accessToken
  }

  return {
    async accessToken(isRefused) {
      if (!isRefused && kept.accessToken !== null && now() < kept.until - marginMs) return kept.accessToken
      renewing ??= renew().finally(() => {
        renewing = undefined
      })
      return renewing
    },
    refreshableUntil: () => kept.issued + refreshMs,
  }
}
