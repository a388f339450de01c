import { createHash, randomBytes } from 'node:crypto'
import { IocError } from '@ioc/contract/errors.ts'
import { XMLParser } from 'fast-xml-parser'
import type { Account } from './digest.ts'

/** An element of a document: its text, or its children by their local names; attributes begin with `@`. */
export type Element = string | { readonly [name: string]: Element | readonly Element[] | undefined }

/**
 * Names without prefixes, as cameras choose their own. Values stay text: a serial number of twenty digits, or the firmware
 * 5.10, is no number. Entities of a document type are not expanded, and deep nesting is refused.
 */
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  ignoreDeclaration: true,
  maxNestedTags: 64,
})

/** @throws IocError CAMERA_ANSWER_INVALID */
export function parseXml(xml: string): Element {
  if (/<!DOCTYPE/i.test(xml)) throw new IocError('CAMERA_ANSWER_INVALID', 'answer with a document type')
  try {
    return parser.parse(xml) as Element
  } catch (error) {
    throw new IocError('CAMERA_ANSWER_INVALID', `answer is not valid XML: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

/** All elements at the end of a path. */
export function elementsAt(element: Element | undefined, ...path: readonly string[]): readonly Element[] {
  return path.reduce<readonly Element[]>(
    (found, name) =>
      found.flatMap((one) => {
        if (typeof one === 'string' || !Object.hasOwn(one, name)) return []
        return one[name] ?? []
      }),
    element === undefined ? [] : [element],
  )
}

/** The text at the end of a path, or the value of an attribute; undefined where it is missing or empty. */
export function textAt(element: Element | undefined, ...path: readonly string[]): string | undefined {
  const [found] = elementsAt(element, ...path)
  const text = typeof found === 'string' ? found : textAtRoot(found)
  return text === undefined || text === '' ? undefined : decodeEntities(text)
}

function textAtRoot(element: Element | undefined): string | undefined {
  const [text] = elementsAt(element, '#text')
  return typeof text === 'string' ? text : undefined
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(lt|gt|quot|apos|amp));/gi, (all, decimal, hex, name) => {
    if (name !== undefined) return entities[String(name).toLowerCase()] ?? all
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return code <= 0x10ffff ? String.fromCodePoint(code) : all
  })
}

export function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
}

const wsse = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss'

/** The header of a WS-UsernameToken. @param now of the camera's clock, in ms */
export function usernameToken({ username, password }: Account, now: number): string {
  const nonce = randomBytes(16)
  const created = new Date(now).toISOString()
  const digest = createHash('sha1').update(nonce).update(created).update(password, 'utf8').digest('base64')
  return (
    `<Security s:mustUnderstand="1" xmlns="${wsse}-wssecurity-secext-1.0.xsd"><UsernameToken>` +
    `<Username>${escapeXml(username)}</Username>` +
    `<Password Type="${wsse}-username-token-profile-1.0#PasswordDigest">${digest}</Password>` +
    `<Nonce EncodingType="${wsse}-soap-message-security-1.0#Base64Binary">${nonce.toString('base64')}</Nonce>` +
    `<Created xmlns="${wsse}-wssecurity-utility-1.0.xsd">${created}</Created></UsernameToken></Security>`
  )
}

export function envelope(body: string, header = ''): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">' +
    `<s:Header>${header}</s:Header><s:Body>${body}</s:Body></s:Envelope>`
  )
}

/** What a camera answers instead of a result. */
export interface SoapFault {
  /** The last subcode, without its prefix, as `NotAuthorized`. */
  readonly code: string
  readonly reason: string
}

/** The body of an envelope. @throws IocError CAMERA_ANSWER_INVALID */
export function bodyOf(xml: string): Element {
  const [body] = elementsAt(parseXml(xml), 'Envelope', 'Body')
  if (body === undefined) throw new IocError('CAMERA_ANSWER_INVALID', 'answer is not a SOAP envelope')
  return body
}

export function faultOf(body: Element): SoapFault | undefined {
  const [fault] = elementsAt(body, 'Fault')
  if (fault === undefined) return undefined
  const code =
    textAt(fault, 'Code', 'Subcode', 'Subcode', 'Value') ??
    textAt(fault, 'Code', 'Subcode', 'Value') ??
    textAt(fault, 'Code', 'Value') ??
    textAt(fault, 'faultcode') ??
    'Fault'
  const reason = textAt(fault, 'Reason', 'Text') ?? textAt(fault, 'faultstring') ?? ''
  return { code: code.slice(code.indexOf(':') + 1), reason }
}
