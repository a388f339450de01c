import { createHash } from 'node:crypto'
import { defineConfig, type Plugin } from 'vite'

/**
 * Names the build in the page: a digest of the page's own text, which holds the hashed names of all that it loads. The
 * server repeats it on `/live`, so that a wall that stays open notices that the centre was upgraded.
 */
const buildName: Plugin = {
  name: 'build-name',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler: (html) => {
      const content = createHash('sha256').update(html).digest('hex').slice(0, 16)
      return [{ tag: 'meta', attrs: { name: 'build', content }, injectTo: 'head' }]
    },
  },
}

/** The page for browsers of the last few years; nothing of it is inlined, so that the policy can forbid inline code. */
export default defineConfig({
  root: import.meta.dirname,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [buildName],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    // In kB: the library of the map, which is loaded where a map is drawn.
    chunkSizeWarningLimit: 1_200,
    target: 'es2022',
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: { '/api': 'http://127.0.0.1:8080', '/live': { target: 'ws://127.0.0.1:8080', ws: true } },
  },
})
