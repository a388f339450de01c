import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { rolldown } from 'rolldown'

/** Nothing but its manifest is read of it, unless something is installed, which is switched off. */
const manifestOnly: readonly string[] = ['npm']
/** Native code, which the child may not load; there is one in JavaScript beside it. */
const leftOut: readonly string[] = ['@node-rs/bcrypt', 'node-red-admin']
/** Parts of the editor that it does without: the larger of two code editors, tours, diagrams, and its unminified code. */
const heavy = /\/editor-client\/public\/(vendor\/(monaco|mermaid)|red\/(tours|red\.js))$/
/** Files that nothing loads. */
const unused = /\.(map|d\.ts|d\.mts|d\.cts|md|markdown|ts|flow|tsbuildinfo)$|\/(test|tests|docs|\.github)$/

const nodes = ['ioc-out', 'ioc-in', 'ioc-device'] as const

/**
 * Adds Node-RED to the library of a bundle: the child that runs it as plain JavaScript, its own nodes, and its packages as they
 * are. Returns the folders of the packages.
 */
export async function addNodeRed(root: string, library: string): Promise<string[]> {
  const source = join(root, 'edge-agent', 'node-red')
  const target = join(library, 'node-red')
  await bundle(join(source, 'child.ts'), target, 'child.mjs')
  for (const node of nodes) {
    await bundle(join(source, 'nodes', `${node}.js`), join(target, 'nodes'), `${node}.js`)
    cpSync(join(source, 'nodes', `${node}.html`), join(target, 'nodes', `${node}.html`))
  }
  for (const name of ['package.json', 'locales']) {
    cpSync(join(source, 'nodes', name), join(target, 'nodes', name), { recursive: true })
  }
  return copyPackage(root, join(root, 'node_modules', 'node-red'), library, new Set())
}

async function bundle(input: string, dir: string, entryFileNames: string): Promise<void> {
  const build = await rolldown({ input, platform: 'node' })
  await build.write({ dir, format: 'esm', entryFileNames, codeSplitting: false, minify: 'dce-only' })
  await build.close()
}

/** Copies a package, and those that it depends on, to where they are found as in the working copy. */
function copyPackage(root: string, folder: string, library: string, copied: Set<string>): string[] {
  if (copied.has(folder)) return []
  copied.add(folder)
  const name = relative(join(root, 'node_modules'), folder)
  const target = join(library, 'node_modules', name)
  if (manifestOnly.includes(name)) {
    mkdirSync(target, { recursive: true })
    cpSync(join(folder, 'package.json'), join(target, 'package.json'))
    return [folder]
  }
  // Packages inside are copied when something needs them.
  const inside = join(folder, 'node_modules')
  cpSync(folder, target, {
    recursive: true,
    filter: (path) => !path.startsWith(inside) && !unused.test(path) && !heavy.test(path),
  })
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>
  }
  const needed = Object.keys(dependencies).filter((one) => !leftOut.includes(one))
  const found = needed.flatMap((one) => findPackage(folder, root, one) ?? [])
  return [folder, ...found.flatMap((one) => copyPackage(root, one, library, copied))]
}

/** Where Node finds a package that one in `folder` requires. */
function findPackage(folder: string, root: string, name: string): string | undefined {
  for (let above = folder; above.startsWith(root); above = dirname(above)) {
    const candidate = join(above, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return candidate
  }
  return undefined
}
