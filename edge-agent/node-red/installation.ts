import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where Node-RED and the code of the child are. */
export interface Installation {
  readonly child: string
  readonly nodes: string
  /** The `node_modules` that Node-RED is in. */
  readonly modules: string
  /** Folder of the code of the child. */
  readonly own: string
}

const here = dirname(fileURLToPath(import.meta.url))

/** The part of the installation with Node-RED; `undefined` where it was not installed. */
export function findInstallation(): Installation | undefined {
  const modules = foldersAbove(here)
    .map((folder) => join(folder, 'node_modules'))
    .find((folder) => existsSync(join(folder, 'node-red', 'package.json')))
  // In a bundle, which is plain JavaScript, they are below the library of the agent.
  const own = here.endsWith('node-red') ? here : join(here, 'node-red')
  const child = ['child.mjs', 'child.ts'].map((name) => join(own, name)).find((path) => existsSync(path))
  if (modules === undefined || child === undefined) return undefined
  return { child, nodes: join(own, 'nodes'), modules, own }
}

function foldersAbove(folder: string): string[] {
  const above = dirname(folder)
  return above === folder ? [folder] : [folder, ...foldersAbove(above)]
}
