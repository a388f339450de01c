import { readFileSync } from 'node:fs'
import { type ErrorCode, IocError } from '@ioc/contract/errors.ts'
import type Type from 'typebox'
import type { Validator } from 'typebox/compile'
import { LineCounter, parseDocument } from 'yaml'

/** A file of the district folder that has the shape it must have, and the way to say what else is wrong with it. */
export interface YamlFile<T> {
  readonly content: T
  /** What is wrong at a place in the file, as `['sites', 3, 'area']`. */
  fault(place: readonly (string | number)[], reason: string): IocError
}

/**
 * Reads a file of YAML and checks it against a schema; `undefined` if there is none.
 * @throws IocError `code` in one line: file, line, entry, reason; FOLDER_UNUSABLE
 */
export function readYamlFile<T extends Type.TSchema>(
  path: string,
  validator: Validator<Type.TProperties, T>,
  code: ErrorCode = 'DISTRICT_INVALID',
): YamlFile<Type.Static<T>> | undefined {
  const text = readText(path)
  if (text === undefined) return undefined
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false })
  const invalid = (offset: number, reason: string) =>
    new IocError(code, `${path}, line ${lineCounter.linePos(offset).line}: ${reason}`)
  const [broken] = document.errors
  if (broken) throw invalid(broken.pos[0], broken.message)
  const fault = (place: readonly (string | number)[], reason: string) => {
    const node: unknown = document.getIn(place, true)
    const range = typeof node === 'object' && node !== null && 'range' in node ? (node.range as number[]) : []
    return invalid(range[0] ?? 0, place.length === 0 ? reason : `${placeText(place)}: ${reason}`)
  }
  const content: unknown = document.toJS()
  if (!validator.Check(content)) {
    const [first] = validator.Errors(content)
    const place = (first?.instancePath ?? '').split('/').slice(1)
    throw fault(
      place.map((key) => (/^\d+$/.test(key) ? Number(key) : key)),
      // Of a field that an object may not have, the schema is `false`.
      first?.keyword === 'boolean' ? 'unknown field' : (first?.message ?? 'invalid value'),
    )
  }
  return { content: content as Type.Static<T>, fault }
}

/** `areas[3].code`, counted from 0. */
function placeText(place: readonly (string | number)[]): string {
  return place.map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`)).join('')
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new IocError('FOLDER_UNUSABLE', `cannot read ${path} (${code}): IOC_DISTRICT sets its folder`, { cause })
  }
}
