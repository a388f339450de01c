import * as module from 'node:module'

/**
 * Resolves packages to the bundles beside this file, which `vitest.folder.ts` makes: typebox has 680 modules, and loading
 * them takes most of what a short process of the tests computes. An older Node, as npm may run on, has no such hook and
 * does without.
 */
const bundles = new Map(
  ['', '/compile', '/value'].flatMap((entry) => {
    const bundle = new URL(`./typebox${entry.replace('/', '-')}.mjs`, import.meta.url).href
    // By name from our sources; by file from Vitest, which resolves names itself.
    return [`typebox${entry}`, `typebox/build${entry}/index.mjs`].map((name) => [name, bundle])
  }),
)
const fileInPackage = /\/node_modules\/(typebox\/build\/(?:\w+\/)?index\.mjs)$/

module.registerHooks?.({
  resolve(specifier, context, next) {
    const url = bundles.get(fileInPackage.exec(specifier)?.[1] ?? specifier)
    return url === undefined ? next(specifier, context) : { url, format: 'module', shortCircuit: true }
  },
})
