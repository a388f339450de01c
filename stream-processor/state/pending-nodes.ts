import type { StreamChanges } from '../engine/stream.ts'

/** What changes say of a node: the packed node, or that it is gone; `undefined` where they do not name it. */
export type PendingNodes = (streamId: string, key: number) => { readonly node: Float64Array | undefined } | undefined

const gone = { node: undefined }

/** The nodes of changes that are not on disk yet. As on disk, what is put is there though its key was removed. */
export function pendingNodes(streams: readonly Pick<StreamChanges, 'id' | 'nodes' | 'removed'>[]): PendingNodes {
  const byStream = new Map(
    streams.map(({ id, nodes, removed }) => {
      // Nearly all are of one node, and there may be many.
      const single = new Set(removed.filter(([from, to]) => to - from === 1).map(([from]) => from))
      const ranges = removed.filter(([from, to]) => to - from > 1)
      return [id, { nodes: new Map(nodes), single, ranges }] as const
    }),
  )
  return (streamId, key) => {
    const stream = byStream.get(streamId)
    if (!stream) return undefined
    const node = stream.nodes.get(key)
    if (node) return { node }
    return stream.single.has(key) || stream.ranges.some(([from, to]) => key >= from && key < to) ? gone : undefined
  }
}
