/** Payloads, as JSON, of the records that the broker writes itself. */

/** `rejected`: a payload is in the dead letters. `epoch` and `seq` are known if that much of it could be read. */
export interface Rejected {
  readonly code: string
  readonly channel: string
  /** Absent from records of earlier versions. */
  readonly reason?: string
  readonly epoch?: string
  readonly seq?: number
}

/**
 * `connection`: a node has connected or its connection has ended. `connection` is unique to each connection, because the
 * end of an old one may be recorded after the start of its successor. A record whose site and node are empty means that
 * the broker has started: every connection recorded before it in this partition has ended.
 */
export interface Connection {
  readonly connected: boolean
  readonly connection: string
  /** Two machines seem to use the credential. */
  readonly cloned?: boolean
}

/** `forgotten`: an operator removed a node, or one device of a site. Its history stays in the store. */
export interface Forgotten {
  /** Absent where the whole node was removed. */
  readonly device?: string
}

export function encodePayload(payload: Rejected | Connection | Forgotten): Buffer {
  return Buffer.from(JSON.stringify(payload))
}

/** Parses a payload of the given kind; the broker is trusted, so that its shape is not validated. */
export function decodePayload<T extends Rejected | Connection | Forgotten>(payload: Uint8Array): T {
  return JSON.parse(Buffer.from(payload).toString()) as T
}
