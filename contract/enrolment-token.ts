/**
 * An enrolment token, as an administrator hands it to a machine: `ioc1-<id>-<secret>`, and of a centre with TLS also the
 * SHA-256 of its certificate authority, which the machine pins.
 */
export interface EnrolmentToken {
  readonly id: string
  /** 128 random bits. */
  readonly secret: string
  /** SHA-256 of the certificate authority in DER, in hexadecimal. */
  readonly authority: string | undefined
}

const form = /^ioc1-([0-9a-f]{16})-([0-9a-f]{32})(?:-([0-9a-f]{64}))?$/

export function formatToken({ id, secret, authority }: EnrolmentToken): string {
  return ['ioc1', id, secret, ...(authority === undefined ? [] : [authority])].join('-')
}

/** Parses a token; `undefined` for any text that is not one. */
export function parseToken(text: string): EnrolmentToken | undefined {
  const [, id, secret, authority] = form.exec(text.trim()) ?? []
  return id === undefined || secret === undefined ? undefined : { id, secret, authority }
}
