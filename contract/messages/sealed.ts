/**
 * A secret in a configuration or a command: encrypted for one node, so that neither the centre's files, nor the broker, nor a
 * log has it (docs/decisions/0111-secrets-are-sealed-to-the-node.md). `runtime/sealed.ts` seals and opens it.
 */
const form = /^sealed([12]):([A-Za-z0-9_-]{80,20000})$/

/** 1: bound to the node alone, by earlier versions. 2: bound to its place in the configuration too. */
export type SealForm = 1 | 2

export const sealedText = (sealForm: SealForm, bytes: Uint8Array): string => `sealed${sealForm}:${toBase64Url(bytes)}`

export function isSealed(text: string): boolean {
  return form.test(text)
}

/** The form of a sealed text and its encrypted bytes, in base64url; `undefined` for any other text. */
export function readSealed(text: string): { readonly form: SealForm; readonly content: string } | undefined {
  const [, number, content] = form.exec(text) ?? []
  return content === undefined ? undefined : { form: number === '1' ? 1 : 2, content }
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
}
