import { type ErrorCode, IocError } from '@ioc/contract/errors.ts'
import { shown } from '@ioc/contract/messages/problem.ts'
import type Type from 'typebox'
import type { Validator } from 'typebox/compile'
import { LineCounter, parseDocument } from 'yaml'

/** A file of the district folder that has the shape it must have, and the way to say what else is wrong with it. */
export interface YamlFile<T> {
  readonly content: T
  /** What is wrong at a place in the file, as `['sites', 3, 'area']`. */
  fault(place: Place, reason: string): IocError
}

/** What is wrong with a file: the cause of its error. */
export interface FileFault {
  readonly path: string
  /** null: it is not of one line. */
  readonly line: number | null
  /** In one line, with the entry. */
  readonly reason: string
}

type Place = readonly (string | number)[]

/** An error that names file, line and reason, in its text and as its cause. */
export function districtError(fault: FileFault): IocError {
  return faultError(fault, 'DISTRICT_INVALID')
}

function faultError({ path, line, reason }: FileFault, code: ErrorCode): IocError {
  const text = line === null ? `${path}: ${reason}` : `${path}, line ${line}: ${reason}`
  return new IocError(code, text, { cause: { path, line, reason } satisfies FileFault })
}

/**
 * Parses a file of YAML and checks it against a schema.
 * @throws IocError `code` in one line: file, line, entry, reason
 */
export function parseYamlFile<T extends Type.TSchema>(
  path: string,
  text: string,
  validator: Validator<Type.TProperties, T>,
  code: ErrorCode = 'DISTRICT_INVALID',
): YamlFile<Type.Static<T>> {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false })
  const invalid = (offset: number, reason: string) =>
    faultError({ path, line: lineCounter.linePos(offset).line, reason: reason.replace(/\s+/g, ' ') }, code)
  const [broken] = document.errors
  if (broken) throw invalid(broken.pos[0], broken.message)
  /** Where an entry begins, or the innermost one around it that is there. */
  const offsetOf = (place: Place): number => {
    const node: unknown = place.length === 0 ? document.contents : document.getIn(place, true)
    if (typeof node === 'object' && node !== null && 'range' in node) return (node.range as number[])[0] ?? 0
    return place.length === 0 ? 0 : offsetOf(place.slice(0, -1))
  }
  const fault = (place: Place, reason: string) =>
    invalid(offsetOf(place), place.length === 0 ? reason : `${placeText(place)}: ${reason}`)
  let content: unknown
  try {
    content = document.toJS()
  } catch (error) {
    // More aliases than any file needs.
    throw invalid(0, (error as Error).message)
  }
  if (!validator.Check(content)) {
    const { place, reason } = explainErrors(
      validator.Errors(content) as readonly SchemaError[],
      validator.Type(),
      content,
    )
    throw fault(place, reason)
  }
  return { content: content as Type.Static<T>, fault }
}

/**
 * Parses a file of JSON and checks it against a schema.
 * @throws IocError DISTRICT_INVALID in one line: file, line, entry, reason
 */
export function parseJsonFile<T extends Type.TSchema>(
  path: string,
  text: string,
  validator: Validator<Type.TProperties, T>,
): YamlFile<Type.Static<T>> {
  // JSON is YAML, whose parser knows the lines but is slow: only what is invalid is parsed with it.
  const withLines = () => parseYamlFile(path, text, validator)
  let content: unknown
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    withLines()
    // YAML allows more, such as a comma after the last entry.
    throw districtError({ path, line: null, reason: (cause as SyntaxError).message.replace(/\s+/g, ' ') })
  }
  if (!validator.Check(content)) return withLines()
  return { content: content as Type.Static<T>, fault: (place, reason) => withLines().fault(place, reason) }
}

interface SchemaError {
  readonly keyword: string
  readonly schemaPath: string
  readonly instancePath: string
  readonly params: object
  readonly message: string
}

const kinds: Readonly<Record<string, string>> = {
  object: 'fields with values, as "name: value"',
  array: 'a list',
  string: 'a text; numbers and dates that are texts need quotes',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'null',
}

/** The first of the errors, in words of whoever wrote the file: the description of its schema says what is expected. */
function explainErrors(
  errors: readonly SchemaError[],
  schema: object,
  content: unknown,
): { readonly place: Place; readonly reason: string } {
  const [first] = errors
  if (!first) return { place: [], reason: 'invalid value' }
  const { instancePath, keyword, params, message } = first
  const place = instancePath
    .split('/')
    .slice(1)
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key))
  const value = place.reduce<unknown>((of, key) => (of as Record<string | number, unknown> | undefined)?.[key], content)
  const described = errors
    .filter((error) => error.instancePath === instancePath)
    .map((error) => descriptionAt(schema, error.schemaPath))
    .find((text) => text !== undefined)
  const got = `; got ${shown(value)}`
  switch (keyword) {
    case 'required': {
      const { requiredProperties = [] } = params as { requiredProperties?: readonly string[] }
      return { place, reason: `missing field ${requiredProperties.join(', ')}` }
    }
    case 'boolean':
    case 'additionalProperties':
      // Of a field that an object may not have, the schema is `false`.
      return { place, reason: 'unknown field' }
    case '~refine':
      return { place, reason: message }
    case 'uniqueItems':
      return { place, reason: 'an entry is listed twice' }
    case 'type': {
      const { type = '' } = params as { type?: string }
      return { place, reason: `expected ${described ?? kinds[type] ?? type}${got}` }
    }
    default:
      return { place, reason: described === undefined ? `${message}${got}` : `expected ${described}${got}` }
  }
}

/** The description of the schema at a path, as `#/properties/areas/items/properties/code`. */
function descriptionAt(schema: object, path: string): string | undefined {
  const found = path
    .split('/')
    .slice(1)
    .reduce<unknown>((of, key) => (of as Record<string, unknown> | undefined)?.[key], schema)
  const { description } = (typeof found === 'object' && found !== null ? found : {}) as { description?: unknown }
  return typeof description === 'string' ? description : undefined
}

/** `areas[3].code`, counted from 0. */
function placeText(place: Place): string {
  return place.map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`)).join('')
}
