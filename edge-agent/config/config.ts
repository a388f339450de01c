import { readFileSync } from 'node:fs'
import type { Title } from '@ioc/contract/device-types/device-type.ts'
import { IocError } from '@ioc/contract/errors.ts'
import type { NodeConfig, NodeFlows } from '@ioc/contract/messages/node-config.ts'
import type { TypeDeclaration } from '@ioc/contract/messages/type-declaration.ts'
import { slugPattern } from '@ioc/contract/names.ts'
import type { CollectorKind } from '../collectors/collector.ts'
import { collectorKinds, findCollectorKind } from '../collectors/table.ts'
import {
  fields,
  type GroupField,
  mapSecretsOf,
  type Place,
  type Report,
  type SecretChange,
  validate,
} from './fields.ts'
import { readTypes, withTypes } from './types.ts'

/** The most collectors of an agent. */
const maxCollectors = 500
/** The most characters of a configuration. */
const maxConfigLength = 1_000_000
/** The most errors of a configuration that are listed. */
const maxErrors = 50

/** One collector of the configuration, validated. */
export interface CollectorConfig {
  readonly kind: CollectorKind
  readonly id: string
  /** Seconds between runs; `undefined` follows the cadence of the agent. */
  readonly cadenceS: number | undefined
  readonly timeoutS: number
  readonly options: unknown
}

export interface AgentConfig {
  readonly collectors: readonly CollectorConfig[]
  /** Types of its devices that the centre has none of. */
  readonly types: readonly TypeDeclaration[]
}

/** What is wrong with a configuration, and where. */
export interface ConfigError {
  readonly line: number
  /** As `collectors[0].port`; empty for the file as a whole. */
  readonly field: string
  readonly reason: Title
}

export type ParsedConfig =
  | { readonly config: AgentConfig; readonly errors?: never }
  | { readonly errors: readonly ConfigError[]; readonly config?: never }

/** Fields that every collector has beside its own. */
export const commonFields = fields({
  type: { kind: 'text', title: { vi: 'Loại bộ thu thập', en: 'Kind of collector' } },
  id: {
    kind: 'text',
    optional: true,
    pattern: slugPattern,
    title: { vi: 'Tên bộ thu thập; mặc định là type', en: 'Name of the collector; by default its type' },
  },
  cadence_s: {
    kind: 'number',
    optional: true,
    minimum: 0.05,
    maximum: 2_678_400,
    unit: 's',
    title: { vi: 'Thời gian giữa hai lần đọc', en: 'Time between two runs' },
  },
  timeout_s: {
    kind: 'number',
    optional: true,
    minimum: 0.05,
    maximum: 3_600,
    unit: 's',
    title: { vi: 'Thời gian tối đa của một lần đọc', en: 'Maximum duration of a run' },
  },
})

/** Without a file the agent reports its machine. */
export const defaultConfig: AgentConfig = {
  collectors: collectorKinds
    .filter(({ type }) => type === 'system')
    .map((kind) => ({ kind, id: kind.type, cadenceS: undefined, timeoutS: kind.timeoutS, options: {} })),
  types: [],
}

/**
 * Reads `agent.yaml`; without the file, the default.
 * @throws IocError AGENT_CONFIG_INVALID with a line for each error, FOLDER_UNUSABLE
 */
export async function readConfig(path: string): Promise<AgentConfig> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return defaultConfig
    throw new IocError('FOLDER_UNUSABLE', `cannot read ${path}: ${(error as Error).message}`, { cause: error })
  }
  const { config, errors } = await parseConfig(text)
  if (config) return config
  throw new IocError('AGENT_CONFIG_INVALID', errors.map((error) => configErrorText(path, error)).join('\n'))
}

/** `agent.yaml, line 3, collectors[0].port: expected … | cần …` */
export function configErrorText(path: string, { line, field, reason }: ConfigError): string {
  return `${path}, line ${line}${field === '' ? '' : `, ${field}`}: ${reason.en} | dòng ${line}: ${reason.vi}`
}

/** Parses the text of a configuration. Everything that is wrong with it is reported at once. */
export async function parseConfig(text: string): Promise<ParsedConfig> {
  if (text.length > maxConfigLength) {
    const reason = { vi: `dài quá ${maxConfigLength} ký tự`, en: `longer than ${maxConfigLength} characters` }
    return { errors: [{ line: 1, field: '', reason }] }
  }
  // Loaded only where there is a configuration: an agent without one stays small.
  const { LineCounter, parseDocument } = await import('yaml')
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const errors: ConfigError[] = []
  const add = (offset: number, field: string, reason: Title): void => {
    if (errors.length < maxErrors) errors.push({ line: lines.linePos(offset).line, field, reason })
  }
  for (const { pos, message } of document.errors) {
    const english = message.replace(/\s+/g, ' ')
    add(pos[0], '', { vi: `sai cú pháp YAML: ${english}`, en: `invalid YAML: ${english}` })
  }
  if (errors.length > 0) return { errors }
  /** Where an entry begins, or the innermost one around it that exists. */
  const offsetOf = (place: Place): number => {
    const node: unknown = place.length === 0 ? document.contents : document.getIn(place, true)
    if (typeof node === 'object' && node !== null && 'range' in node) return (node.range as number[])[0] ?? 0
    return place.length === 0 ? 0 : offsetOf(place.slice(0, -1))
  }
  const report: Report = (place, reason) => add(offsetOf(place), fieldName(place), reason)
  let content: unknown
  try {
    content = document.toJS()
  } catch (error) {
    // More aliases than any configuration needs.
    const { message } = error as Error
    return {
      errors: [{ line: 1, field: '', reason: { vi: `sai cú pháp YAML: ${message}`, en: `invalid YAML: ${message}` } }],
    }
  }
  const config = readContent(content, report)
  return errors.length > 0 ? { errors } : { config }
}

/** Validates the content of a configuration that is no text, as one from the centre. */
export function parseContent(content: unknown): ParsedConfig {
  const errors: ConfigError[] = []
  const config = readContent(content, (place, reason) => {
    if (errors.length < maxErrors) errors.push({ line: 1, field: fieldName(place), reason })
  })
  return errors.length > 0 ? { errors } : { config }
}

function readContent(content: unknown, report: Report): AgentConfig {
  const { collectors, types = [] } = (content ?? {}) as { collectors?: unknown; types?: unknown }
  for (const key of Object.keys((content ?? {}) as object)) {
    if (key === 'collectors' || key === 'types') continue
    report([key], { vi: 'không có mục này', en: 'unknown field; known fields: collectors, types' })
  }
  const declared = readTypes(types, ['types'], report)
  // A mapping may use them.
  return withTypes(declared, () => ({ collectors: readCollectors(collectors, report), types: declared }))
}

/** The fields of one entry of `collectors`: those of all kinds, and its own. */
export function entryField(kind: CollectorKind): GroupField {
  const title = { vi: 'Bộ thu thập', en: 'Collector' }
  return { kind: 'group', title, fields: { ...commonFields, ...kind.options.fields } }
}

/**
 * A copy of the content of a configuration in which each secret is changed, as by sealing or opening it. What is invalid stays
 * as it is. The place of a secret has the type and the id of its collector, which may change its position.
 */
export function mapSecrets(content: unknown, change: SecretChange): unknown {
  const { collectors } = (content ?? {}) as { collectors?: unknown }
  if (!Array.isArray(collectors)) return content
  return {
    ...(content as object),
    collectors: collectors.map((entry: unknown) => {
      const { type, id = type } = (entry ?? {}) as { type?: unknown; id?: unknown }
      const kind = typeof type === 'string' ? findCollectorKind(type) : undefined
      return kind ? mapSecretsOf(entryField(kind), entry, change, `collectors/${kind.type}/${String(id)}`) : entry
    }),
  }
}

/** The same of the credentials of flows. */
export function mapCredentials(credentials: Credentials, change: SecretChange): Credentials {
  return mapValues(credentials, (texts, id) => mapValues(texts, (text, name) => change(text, `flows/${id}/${name}`)))
}

/** A copy of the parts of a node's configuration that have secrets, with each changed. */
export function mapConfigSecrets(
  { agent, flows }: Pick<NodeConfig, 'agent' | 'flows'>,
  change: SecretChange,
): Pick<NodeConfig, 'agent' | 'flows'> {
  const credentials = flows?.credentials
  return {
    ...(agent === undefined ? {} : { agent: mapSecrets(agent, change) as Record<string, unknown> }),
    ...(flows && credentials ? { flows: { ...flows, credentials: mapCredentials(credentials, change) } } : {}),
  }
}

type Credentials = NonNullable<NodeFlows['credentials']>

function mapValues<T, R>(
  record: Readonly<Record<string, T>>,
  change: (value: T, name: string) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]))
}

function readCollectors(collectors: unknown, report: Report): CollectorConfig[] {
  if (!Array.isArray(collectors) || collectors.length === 0 || collectors.length > maxCollectors) {
    report(['collectors'], {
      vi: `cần danh sách từ 1 đến ${maxCollectors} bộ thu thập`,
      en: `expected a list of 1 to ${maxCollectors} collectors`,
    })
    return []
  }
  const known = new Set<string>()
  return collectors.flatMap((written: unknown, index) => {
    const place = ['collectors', index]
    const type = typeof written === 'object' && written !== null ? (written as { type?: unknown }).type : undefined
    const kind = typeof type === 'string' ? findCollectorKind(type) : undefined
    if (!kind) {
      const types = collectorKinds.map((one) => one.type).join(', ')
      report([...place, 'type'], { vi: `cần một trong các loại: ${types}`, en: `expected one of the types ${types}` })
      return []
    }
    let isValid = true
    const reportHere: Report = (at, reason) => {
      isValid = false
      report(at, reason)
    }
    const read = validate(entryField(kind), written, place, reportHere) as Record<string, unknown> | undefined
    if (!isValid || !read) return []
    const { type: _, id = kind.type, cadence_s: cadence, timeout_s: timeout, ...options } = read
    if (known.has(String(id))) {
      reportHere([...place, 'id'], { vi: `trùng tên ${id}`, en: `another collector is named ${id}` })
    }
    known.add(String(id))
    kind.check?.(options as never, (at, reason) => reportHere([...place, ...at], reason))
    return [
      {
        kind,
        id: String(id),
        cadenceS: (cadence as number | undefined) ?? kind.cadenceS,
        timeoutS: (timeout as number | undefined) ?? kind.timeoutS,
        options,
      },
    ]
  })
}

/** `collectors[3].port`, counted from 0. */
function fieldName(place: Place): string {
  return place.map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`)).join('')
}
