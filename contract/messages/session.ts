import type { Status } from './status.ts'

/**
 * Whether a status must be ignored: only a will can be, when it belongs to another session than the last birth. A node's
 * clock or counter may go back, so that sessions are compared for equality alone. Where a node sends the same session
 * every time, the broker's records of its connections decide whether it is online.
 */
export function isStaleStatus(status: Status, sessionOfBirth: number | undefined): boolean {
  return !status.online && sessionOfBirth !== undefined && status.session !== sessionOfBirth
}
