import { type FSWatcher, statSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Logger } from '@ioc/runtime/logger.ts'
import { usernameOfFile } from './credential-store.ts'

/** Quiet time after which changed files are looked at, in ms: one change is several events. */
const settleMs = 20
/** How often the folder is looked at, whatever events there were, in ms. */
const pollMs = 2_000
/** Looks after which every file is looked at, also where the folder seems unchanged: a file may be written in place. */
const fullEvery = 15

export interface CredentialWatch {
  start(): void
  stop(): void
}

/**
 * Notices changes of the credentials' files. Events name the file, so that 100 new credentials beside 2,000 cost 100
 * looks. Events are not relied on: a folder that is replaced takes its watch with it, and a machine may have no watches
 * left (EMFILE, ENOSPC). So the folder is also looked at every two seconds.
 */
export function watchCredentials(
  folder: string,
  changed: { one(username: string): void; everything(): void },
  logger: Logger,
): CredentialWatch {
  const parent = dirname(folder)
  let watchers: FSWatcher[] = []
  /** The folder that is watched, and how it was when it was last looked at. */
  let watched = ''
  let seen = ''
  let looks = 0
  let warned = false
  const names = new Set<string>()
  let settling: NodeJS.Timeout | undefined
  let polling: NodeJS.Timeout | undefined

  function noticed(username: string): void {
    names.add(username)
    settling ??= setTimeout(() => {
      settling = undefined
      const usernames = [...names]
      names.clear()
      for (const one of usernames) changed.one(one)
    }, settleMs)
  }

  function open(): void {
    close()
    try {
      const onError = (error: Error) => unwatchable(error)
      watchers = [
        watch(folder, (_event, name) => {
          const username = name === null ? undefined : usernameOfFile(name)
          if (username !== undefined) noticed(username)
        }).on('error', onError),
        // A watch follows the folder itself, not its name: the parent reports another one in its place.
        watch(parent, (_event, name) => {
          if (name === null || name === basename(folder)) look()
        }).on('error', onError),
      ]
      watched = identity()
    } catch (error) {
      unwatchable(error as Error)
    }
  }

  function unwatchable(error: Error): void {
    close()
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    if (!warned && !missing)
      logger.warn({ err: error }, 'cannot watch credentials: changes take effect within two seconds')
    warned ||= !missing
  }

  function close(): void {
    for (const watcher of watchers) watcher.close()
    watchers = []
    watched = ''
  }

  function identity(): string {
    const stats = statSync(folder, { throwIfNoEntry: false })
    return stats ? `${stats.dev} ${stats.ino}` : ''
  }

  function look(): void {
    if (watched === '' || watched !== identity()) open()
    const stats = statSync(folder, { throwIfNoEntry: false })
    const now = stats ? `${stats.dev} ${stats.ino} ${stats.mtimeMs}` : ''
    if (now !== seen || looks++ % fullEvery === 0) changed.everything()
    seen = now
  }

  return {
    start() {
      open()
      polling = setInterval(look, pollMs)
    },
    stop() {
      clearTimeout(settling)
      clearInterval(polling)
      close()
    },
  }
}
