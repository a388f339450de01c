/**
 * A secret in a configuration or a command: encrypted for one node, so that neither the centre's files, nor the broker, nor a
 * log has it (docs/decisions/0111-secrets-are-sealed-to-the-node.md). `runtime/sealed.ts` seals and opens it.
 */
const prefix = 'sealed1:'
const form = /^sealed1:[A-Za-z0-9_-]{80,20000}$/

export const sealedText = (bytes: Uint8Array): string => `${prefix}${toBase64Url(bytes)}`

export function isSealed(text: string): boolean {
  return form.test(text)
}

/** The encrypted bytes of a sealed text, in base64url. */
export function sealedContent(text: string): string {
  return text.slice(prefix.length)
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
}
