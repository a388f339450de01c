/** Sizes of the records at the end of a ZIP file (APPNOTE 6.3.10, section 4.3). */
const endLength = 22
const entryLength = 46
const maxCommentLength = 65_535
const endSignature = 0x06054b50
const entrySignature = 0x02014b50

/**
 * The sum of the sizes of what a ZIP file holds, as its directory declares them: known before anything is decompressed. 0 for
 * a file of another format.
 */
export function unpackedBytes(file: Buffer): number {
  const end = endOf(file)
  if (end === undefined) return 0
  const count = file.readUInt16LE(end + 10)
  let at = file.readUInt32LE(end + 16)
  let sum = 0
  for (let n = 0; n < count && at + entryLength <= file.length; n++) {
    if (file.readUInt32LE(at) !== entrySignature) break
    // 0xffffffff stands for a size in 64 bits: larger than any limit.
    sum += file.readUInt32LE(at + 24)
    at += entryLength + file.readUInt16LE(at + 28) + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32)
  }
  return sum
}

function endOf(file: Buffer): number | undefined {
  if (file.length < endLength || file.readUInt16LE(0) !== 0x4b50) return undefined
  for (let at = file.length - endLength; at >= Math.max(0, file.length - endLength - maxCommentLength); at--) {
    if (file.readUInt32LE(at) === endSignature) return at
  }
  return undefined
}
