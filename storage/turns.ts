/** Rows that are made before others have their turn. */
const turnRows = 5_000

/** Counts rows, and gives way after so many: what it returns, if anything, is to be waited for. */
export function rowTurns(): () => Promise<void> | undefined {
  let rows = 0
  return () => (++rows % turnRows === 0 ? new Promise(setImmediate) : undefined)
}

/** Characters that are put together before others have their turn. */
const turnLength = 100_000

/** Puts pieces of a text together, as UTF-8, and gives way between them. */
export async function joinInTurns(pieces: Iterable<string>): Promise<Buffer> {
  const parts: Buffer[] = []
  let text = ''
  for (const piece of pieces) {
    text += piece
    if (text.length < turnLength) continue
    // What is added to a text is only written down when all of it is: for a long one that takes seconds.
    parts.push(Buffer.from(text))
    text = ''
    await new Promise(setImmediate)
  }
  return Buffer.concat([...parts, Buffer.from(text)])
}
