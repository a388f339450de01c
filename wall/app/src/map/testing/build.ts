import { join } from 'node:path'
import { build } from 'vite'

/** Where the page of the map's tests is served. */
export const fixturePath = '/map-fixture/'

/** Bundles the page of the map's tests into a folder, as the pages of the wall are. */
export async function buildMapFixture(outDir: string): Promise<void> {
  await build({
    root: join(import.meta.dirname),
    configFile: false,
    logLevel: 'error',
    base: fixturePath,
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: { outDir, emptyOutDir: true, assetsInlineLimit: 0, target: 'es2022', modulePreload: { polyfill: false } },
  })
}
