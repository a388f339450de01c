declare module 'http_ece' {
  import type { ECDH } from 'node:crypto'

  interface Receiver {
    readonly version: 'aes128gcm'
    readonly privateKey: ECDH
    /** As base64url. */
    readonly authSecret: string
  }
  const ece: { decrypt(body: Buffer, receiver: Receiver): Buffer }
  export default ece
}
