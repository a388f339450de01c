/**
 * What a terminal or a log reader would act on instead of showing it: controls (C0, DEL, C1), line and paragraph
 * separators, and the marks that turn the direction of text.
 */
const controls = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/**
 * Escapes control characters as `\uXXXX`, so that what a client names can neither start a line of its own nor steer a
 * terminal. Inside a JSON document the result is the same document.
 */
export function escapeControls(text: string): string {
  return text.replace(controls, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
