/**
 * Bounds the size of MQTT packets before they are gathered in memory: the parser below buffers a whole packet, however
 * large its header says that it is. Walks over packet headers only (MQTT 3.1.1 §2.2.3: 1 byte, then the remaining
 * length in 1 to 4 bytes of 7 bits).
 */
export function createPacketGuard(maxBytes: number): (chunk: Uint8Array) => boolean {
  let bodyLeft = 0
  let inHeader = false
  let length = 0
  let shift = 0

  return (chunk) => {
    let at = 0
    while (at < chunk.length) {
      if (bodyLeft > 0) {
        const step = Math.min(bodyLeft, chunk.length - at)
        bodyLeft -= step
        at += step
      } else if (!inHeader) {
        inHeader = true
        length = 0
        shift = 0
        at++
      } else {
        const byte = chunk[at++] as number
        length += (byte & 0x7f) * 2 ** shift
        shift += 7
        if (byte < 0x80) {
          inHeader = false
          bodyLeft = length
        } else if (shift > 21) {
          return false
        }
        if (length > maxBytes) return false
      }
    }
    return true
  }
}
