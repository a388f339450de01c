const dayMs = 86_400_000
/** A credential is to be renewed so long before its end, in ms; one that is valid for a short time, in its last quarter. */
const maxRenewalMs = 21 * dayMs
const renewalShare = 0.25

/** The validity of a credential, in ms since 1970. Without an end it is valid until it is revoked. */
export interface Validity {
  readonly created: number
  readonly expires: number | null
}

export function isExpired({ expires }: Pick<Validity, 'expires'>, now: number): boolean {
  return expires !== null && expires <= now
}

/** From when on a credential is to be renewed; undefined: never. */
export function renewalFrom({ created, expires }: Validity): number | undefined {
  if (expires === null) return undefined
  return expires - Math.min(maxRenewalMs, Math.max(expires - created, 0) * renewalShare)
}

/** Whether a credential has expired, or is to be renewed. */
export function expiryState(validity: Validity, now: number): 'valid' | 'expiring' | 'expired' {
  if (isExpired(validity, now)) return 'expired'
  const from = renewalFrom(validity)
  return from !== undefined && from <= now ? 'expiring' : 'valid'
}
