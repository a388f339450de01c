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
  const { parse: parseYaml, stringify } = await import('yaml')
  const added = readTexts(collector, parseYaml)
  const nameOf = (one: unknown) => (one as { id?: unknown }).id ?? (one as { type?: unknown }).type
  const at = collectors.findIndex((one) => nameOf(one) === nameOf(added))
  const changed = at < 0 ? [...collectors, added] : collectors.with(at, added)
  return stringify({ ...content, agent: { ...content.agent, collectors: changed } }, { lineWidth: 0 })
}

/** A form writes lists and groups as YAML: they become values. One that cannot be read stays, and is reported as invalid. */
function readTexts(
  collector: Readonly<Record<string, unknown>>,
  parseYaml: (text: string) => unknown,
): Readonly<Record<string, unknown>> {
  const kind = findCollectorKind(String(collector['type']))
  if (!kind) return collector
  const { fields } = entryField(kind)
  const entries = Object.entries(collector).map(([name, value]) => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    const isText = typeof value === 'string' && ['list', 'map', 'group'].includes(field?.kind ?? '')
    return [name, isText ? readText(value, parseYaml) : value]
  })
  return Object.fromEntries(entries)
}

function readText(text: string, parseYaml: (text: string) => unknown): unknown {
  try {
    return parseYaml(text)
  } catch {
    return text
  }
}

async function parse(text: string) {
  const { parseDocument } = await import('yaml')
  const document = parseDocument(text, { prettyErrors: true })
  const [error] = document.errors
  try {
    if (!error) return { content: (document.toJS({ maxAliasCount: maxAliases }) as unknown) ?? {} }
  } catch (cause) {
    return wrong((cause as Error).message)
  }
  return wrong(error.message.replace(/\s+/g, ' '))
}

const wrong = (message: string) => ({
  field: '',
  reason: { vi: `sai cú pháp YAML: ${message}`, en: `invalid YAML: ${message}` },
})
