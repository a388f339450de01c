import type { Parameter } from '@ioc/contract/district/parameters.ts'
import { reasons, uncapital, type Words } from './words.ts'

/** Fields of a declaration that are not part of its published description. */
export interface Revised {
  /** Raised when what its functions call has changed, so that its past is computed anew. */
  readonly revision?: number
  /** The parameters of the district that its formula uses: with another value its past is computed anew. */
  readonly parameters?: readonly Parameter[]
}

/** With all that is to be verified: what the declaration says, and the parameters that are unconfirmed. */
export function marked<D extends Revised & { readonly unconfirmed?: Words }>(declaration: D): D {
  const { parameters = [], unconfirmed } = declaration
  const open = parameters
    .filter((one) => one.unconfirmed)
    .map(({ title, source }) => ({
      vi: `${uncapital(title.vi)} (${source.vi})`,
      en: `${uncapital(title.en)} (${source.en})`,
    }))
  const all = [...(unconfirmed === undefined ? [] : [unconfirmed]), ...open]
  return all.length === 0 ? declaration : { ...declaration, unconfirmed: reasons(...all) }
}
