import { fork } from 'node:child_process'
import type { Centre } from '@ioc/tests/harness/centre.ts'
import type { LoadNode, LoadOptions, LoadResult } from '@ioc/tests/harness/load.ts'

/** Credentials for `count` nodes of as many sites. */
export async function loadNodes(centre: Centre, count: number): Promise<LoadNode[]> {
  const nodes: LoadNode[] = []
  for (let index = 0; index < count; index++) {
    const [site, node] = [`bench-${index}`, 'node']
    nodes.push({ site, node, credential: await centre.addNode(site, node) })
  }
  return nodes
}

/** Runs the load in a process of its own. */
export function startLoad(options: LoadOptions): Promise<LoadResult> {
  const child = fork(new URL('./load-process.ts', import.meta.url).pathname)
  child.send(options)
  return new Promise((resolve, reject) => {
    child.once('message', (result) => resolve(result as LoadResult))
    child.once('exit', (code) => reject(new Error(`the load ended with ${code}`)))
  })
}
