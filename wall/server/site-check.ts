import type { IncomingMessage } from 'node:http'
import { createSiteCheck } from '@ioc/runtime/http-guard.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { WallOptions } from './options.ts'
import { isPagePath } from './pages.ts'
import { RateWindow } from './rate-window.ts'

/** Log lines about refused requests in a minute. */
const maxLinesPerMinute = 1

/**
 * Returns why a request is refused by its host or origin, or `undefined`, and logs it once a minute: an operator whose
 * proxy is not configured finds there what to do. Only the pages may be opened by a link on another site.
 * @throws IocError OPTION_INVALID
 */
export function createWallSiteCheck(
  { bind, allowedHosts }: WallOptions,
  logger: Logger,
): (request: IncomingMessage) => string | undefined {
  const check = createSiteCheck({ bind, allowedHosts, isPage: isPagePath })
  const lines = new RateWindow(maxLinesPerMinute, 60_000)
  return (request) => {
    const refusal = check(request)
    if (refusal !== undefined && lines.take()) {
      logger.warn({ address: request.socket.remoteAddress, url: request.url }, `request refused: ${refusal}`)
    }
    return refusal
  }
}
