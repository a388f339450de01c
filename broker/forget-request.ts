import { isSlug } from '@ioc/contract/names.ts'
import type { NodeAddress } from '@ioc/contract/topics.ts'

/** What is to be forgotten: a node, or one device of a site. */
export type ForgetRequest = NodeAddress | { readonly site: string; readonly device: string }

/** Parses a payload of `forgetTopic`; `undefined` where it names neither. */
export function parseForgetRequest(payload: Uint8Array): ForgetRequest | undefined {
  let request: unknown
  try {
    request = JSON.parse(Buffer.from(payload).toString())
  } catch {
    return undefined
  }
  if (typeof request !== 'object' || request === null) return undefined
  const { site, node, device } = request as Partial<Record<'site' | 'node' | 'device', unknown>>
  if (!isName(site)) return undefined
  if (isName(node) && device === undefined) return { site, node }
  return isName(device) && node === undefined ? { site, device } : undefined
}

const isName = (value: unknown): value is string => typeof value === 'string' && isSlug(value)
