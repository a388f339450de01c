import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Options, readOptions } from '@ioc/contract/options.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { EmbeddedStore } from '../backends/embedded/embedded.ts'
import { embeddedOptions } from '../backends/embedded/options.ts'
import type { StoreTarget } from '../target.ts'

export interface TestStore {
  readonly target: StoreTarget
  readonly folder: string
  readonly store: EmbeddedStore
  /** @param keep leaves the folder for the next start */
  stop(keep?: boolean): Promise<void>
}

interface TestStoreOptions extends Partial<Options<typeof embeddedOptions>> {
  readonly expiryMs?: number
  readonly compactMs?: number
  readonly folder?: string
  readonly token?: string
  readonly bind?: string
  readonly port?: number
}

/** Starts an embedded store in this process, on a port that the system chooses. */
export async function startTestStore(overrides: TestStoreOptions = {}): Promise<TestStore> {
  const folder = overrides.folder ?? mkdtempSync(join(tmpdir(), 'store-'))
  const token = overrides.token ?? ''
  const store = new EmbeddedStore(
    { ...readOptions(embeddedOptions, {}), bind: '127.0.0.1', port: 0, database: 'ioc', ...overrides, token, folder },
    createLogger('storage', { logLevel: 'silent' }),
  )
  const port = await store.start()
  return {
    target: { url: `http://127.0.0.1:${port}`, token, org: 'ioc', bucket: 'ioc', version: 2 },
    folder,
    store,
    async stop(keep = false) {
      await store.stop()
      if (!keep) rmSync(folder, { recursive: true, force: true })
    },
  }
}
