/** Topics in order, so that those below a prefix are found by two binary searches and not by a scan. */
export class TopicIndex {
  readonly #sorted: string[] = []

  /** Adds a topic that is not in it. */
  add(topic: string): void {
    this.#sorted.splice(this.#lowerBound(topic), 0, topic)
  }

  delete(topic: string): void {
    const at = this.#lowerBound(topic)
    if (this.#sorted[at] === topic) this.#sorted.splice(at, 1)
  }

  /** The topic `prefix` itself, then those below it, in order: after `after` where that is given, at most `max`. */
  below(prefix: string, after: string | undefined, max: number): string[] {
    const found: string[] = []
    if (after === undefined && this.#sorted[this.#lowerBound(prefix)] === prefix) found.push(prefix)
    const below = `${prefix}/`
    const start = after === undefined || after === prefix ? below : after
    for (let at = this.#lowerBound(start); at < this.#sorted.length && found.length < max; at++) {
      const topic = this.#sorted[at] as string
      if (!topic.startsWith(below)) break
      if (topic !== after) found.push(topic)
    }
    return found
  }

  #lowerBound(topic: string): number {
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#sorted[middle] as string) < topic) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** The topic and each prefix of it in whole segments, the longest first: `a/b/c`, `a/b`, `a`. */
export function* prefixesOf(topic: string): Iterable<string> {
  for (let end = topic.length; end > 0; end = topic.lastIndexOf('/', end - 1)) yield topic.slice(0, end)
}
