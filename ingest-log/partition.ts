/**
 * The partition of a site, by FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/): the same in every process and
 * version, so that a site's records stay in one order.
 */
export function partitionOf(site: string, partitions: number): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < site.length; i++) hash = Math.imul(hash ^ site.charCodeAt(i), 0x01000193)
  return (hash >>> 0) % partitions
}
