import { findCollectorKind } from '../collectors/table.ts'
import { entryField } from '../config/config.ts'
import type { DesiredConfig } from './config-store.ts'
import { type Prepared, validateDesired } from './prepare.ts'

/** Aliases that a text may resolve: a few repeat a block, more are a bomb. */
const maxAliases = 100

/** A configuration as people read and write it. */
export async function configYaml(config: DesiredConfig): Promise<string> {
  const { stringify } = await import('yaml')
  return Object.keys(config).length === 0 ? '' : stringify(config, { lineWidth: 0 })
}

/** Reads and validates the text of a configuration, in YAML or JSON. */
export async function readConfigYaml(text: string): Promise<Prepared> {
  const parsed = await parse(text)
  return 'content' in parsed ? validateDesired(parsed.content) : { errors: [parsed] }
}

/** The text with a collector added, or replaced by its id. A text that cannot be read is returned as it is. */
export async function withCollector(text: string, collector: Readonly<Record<string, unknown>>): Promise<string> {
  const parsed = await parse(text)
  if (!('content' in parsed)) return text
  const content = (parsed.content ?? {}) as { agent?: { collectors?: unknown } }
  const collectors: unknown[] = Array.isArray(content.agent?.collectors) ? content.agent.collectors : []
  const { stringify } = await import('yaml')
  const added = await readTexts(collector)
  const nameOf = (one: unknown) => {
    const { id, type } = (one ?? {}) as { id?: unknown; type?: unknown }
    return id ?? type
  }
  const at = collectors.findIndex((one) => nameOf(one) === nameOf(added))
  const changed = at < 0 ? [...collectors, added] : collectors.with(at, added)
  return stringify({ ...content, agent: { ...content.agent, collectors: changed } }, { lineWidth: 0 })
}

/** A form writes lists and groups as YAML: they become values. One that cannot be read stays, and is reported as invalid. */
async function readTexts(collector: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
  const kind = findCollectorKind(String(collector['type']))
  if (!kind) return collector
  const { fields } = entryField(kind)
  const read = { ...collector }
  for (const [name, text] of Object.entries(collector)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (typeof text !== 'string' || !['list', 'map', 'group'].includes(field?.kind ?? '')) continue
    const parsed = await parse(text)
    if ('content' in parsed) read[name] = parsed.content
  }
  return read
}

async function parse(text: string) {
  const { isScalar, parseDocument, visit } = await import('yaml')
  // The library compares each key with all others: a map of 60,000 keys would take it minutes.
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: false })
  const [error] = document.errors
  if (error) return wrong(error.message.replace(/\s+/g, ' '))
  let repeated: string | undefined
  visit(document, {
    Map(_, { items }) {
      const known = new Set<unknown>()
      for (const { key } of items) {
        const name = isScalar(key) ? key.value : key
        if (known.has(name)) repeated ??= String(name)
        known.add(name)
      }
    },
  })
  if (repeated !== undefined) return wrong(`the key ${repeated} occurs twice`)
  try {
    const content = (document.toJS({ maxAliasCount: maxAliases }) as unknown) ?? {}
    // An alias to a node that contains it makes a circle.
    JSON.stringify(content)
    return { content }
  } catch (cause) {
    return wrong((cause as Error).message)
  }
}

const wrong = (message: string) => ({
  field: '',
  reason: { vi: `sai cú pháp YAML: ${message}`, en: `invalid YAML: ${message}` },
})
