import type { Title } from '@ioc/contract/device-types/device-type.ts'
import { isObject } from '@ioc/contract/messages/json.ts'

/**
 * Options of collectors, declared as data: types, validation, documentation and a form follow from one declaration. The
 * agent has a validator of its own, because the schema library would cost it a quarter of its memory
 * (docs/decisions/0080-collectors-have-a-small-schema.md).
 */
export type Field =
  | (Described & { readonly kind: 'text'; readonly default?: string; readonly secret?: true } & TextRule)
  | (Described & { readonly kind: 'choice'; readonly choices: readonly string[]; readonly default?: string })
  | (Described & {
      readonly kind: 'integer' | 'number'
      readonly minimum: number
      readonly maximum: number
      readonly unit?: string
      readonly default?: number
    })
  | (Described & { readonly kind: 'flag'; readonly default?: boolean })
  /** A text, a number, or true and false. */
  | (Described & { readonly kind: 'scalar' })
  | (Described & {
      readonly kind: 'list'
      readonly items: Field
      readonly maxItems: number
      readonly minItems?: number
    })
  /** Names chosen by the user, each with a value of the same form. */
  | (Described & { readonly kind: 'map'; readonly values: Field; readonly maxItems: number; readonly keys?: string })
  | GroupField

interface Described {
  readonly title: Title
  /** It may be absent, and has no default. */
  readonly optional?: true
}

interface TextRule {
  readonly pattern?: string
  readonly maxLength?: number
}

/** Named fields. With `shorthand`, a plain value may be written for the group: it becomes that field. */
export interface GroupField extends Described {
  readonly kind: 'group'
  readonly fields: Readonly<Record<string, Field>>
  readonly shorthand?: string
}

type Scalar = string | number | boolean

/** The type of what a field holds once it is validated. */
export type ValueOf<F> = F extends { kind: 'text' }
  ? string
  : F extends { kind: 'choice'; choices: readonly (infer C)[] }
    ? C
    : F extends { kind: 'integer' | 'number' }
      ? number
      : F extends { kind: 'flag' }
        ? boolean
        : F extends { kind: 'scalar' }
          ? Scalar
          : F extends { kind: 'list'; items: infer I }
            ? readonly ValueOf<I>[]
            : F extends { kind: 'map'; values: infer V }
              ? Readonly<Record<string, ValueOf<V>>>
              : F extends { kind: 'group'; fields: infer G }
                ? GroupValue<G>
                : never

type GroupValue<G> = {
  readonly [K in keyof G as G[K] extends { optional: true } ? never : K]: ValueOf<G[K]>
} & {
  readonly [K in keyof G as G[K] extends { optional: true } ? K : never]?: ValueOf<G[K]>
}

/** Keeps the literal types of a declaration. */
export function fields<const F extends Readonly<Record<string, Field>>>(declaration: F): F {
  return declaration
}

/** The most characters of a text that has no bound of its own. */
const maxTextLength = 4_096

/** Where a value is in the file, as `['collectors', 0, 'port']`. */
export type Place = readonly (string | number)[]

/** Reports that a value is invalid, and what is expected, in both languages. */
export type Report = (place: Place, reason: Title) => void

/**
 * Validates `value` and fills in defaults. What is invalid is reported, and the result must not be used then.
 */
export function validate(field: Field, value: unknown, place: Place, report: Report): unknown {
  const expected = (vi: string, en: string): undefined => {
    const got = 'secret' in field && field.secret ? undefined : shown(value)
    report(place, {
      vi: `cần ${vi}${got === undefined ? '' : `, nhận được ${got}`}`,
      en: `expected ${en}${got === undefined ? '' : `, got ${got}`}`,
    })
    return undefined
  }
  switch (field.kind) {
    case 'text':
      if (typeof value !== 'string')
        return expected('một chuỗi; số và ngày cần đặt trong dấu nháy', 'a text; quote numbers and dates')
      if (value === '' || value.length > (field.maxLength ?? maxTextLength)) {
        const max = field.maxLength ?? maxTextLength
        return expected(`chuỗi từ 1 đến ${max} ký tự`, `a text of 1 to ${max} characters`)
      }
      if (field.pattern !== undefined && !new RegExp(field.pattern, 'u').test(value)) {
        return expected(`chuỗi có dạng ${field.pattern}`, `a text like ${field.pattern}`)
      }
      return value
    case 'choice':
      if (typeof value === 'string' && field.choices.includes(value)) return value
      return expected(`một trong: ${field.choices.join(', ')}`, `one of ${field.choices.join(', ')}`)
    case 'integer':
    case 'number': {
      const isWhole = field.kind === 'integer'
      const fits =
        typeof value === 'number' &&
        value >= field.minimum &&
        value <= field.maximum &&
        (!isWhole || Number.isInteger(value))
      if (fits) return value
      const unit = field.unit === undefined ? '' : ` ${field.unit}`
      return expected(
        `${isWhole ? 'số nguyên' : 'số'} từ ${field.minimum} đến ${field.maximum}${unit}`,
        `a ${isWhole ? 'whole number' : 'number'} from ${field.minimum} to ${field.maximum}${unit}`,
      )
    }
    case 'flag':
      return typeof value === 'boolean' ? value : expected('true hoặc false', 'true or false')
    case 'scalar':
      if (isScalar(value)) return value
      return expected('chuỗi, số, true hoặc false', 'a text, a number, true or false')
    case 'list': {
      const { minItems = 1, maxItems } = field
      if (!Array.isArray(value) || value.length < minItems || value.length > maxItems) {
        return expected(`danh sách từ ${minItems} đến ${maxItems} mục`, `a list of ${minItems} to ${maxItems} entries`)
      }
      return value.map((item, index) => validate(field.items, item, [...place, index], report))
    }
    case 'map': {
      if (!isObject(value)) return expected('các dòng "tên: giá trị"', 'lines of "name: value"')
      const entries = Object.entries(value)
      if (entries.length > field.maxItems)
        return expected(`tối đa ${field.maxItems} mục`, `at most ${field.maxItems} entries`)
      return Object.fromEntries(
        entries.map(([key, one]) => {
          if (field.keys !== undefined && !new RegExp(field.keys, 'u').test(key)) {
            report([...place, key], {
              vi: `tên không hợp lệ; cần dạng ${field.keys}`,
              en: `invalid name; expected one like ${field.keys}`,
            })
          }
          return [key, validate(field.values, one, [...place, key], report)]
        }),
      )
    }
    case 'group':
      return validateGroup(field, value, place, report)
    default:
      return field satisfies never
  }
}

function validateGroup(field: GroupField, written: unknown, place: Place, report: Report): unknown {
  const value = field.shorthand !== undefined && isScalar(written) ? { [field.shorthand]: written } : written
  if (!isObject(value)) {
    report(place, {
      vi: `cần các dòng "tên: giá trị", nhận được ${shown(value)}`,
      en: `expected lines of "name: value", got ${shown(value)}`,
    })
    return undefined
  }
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(field.fields, key)) continue
    const known = Object.keys(field.fields).join(', ')
    report([...place, key], {
      vi: `không có mục này; các mục được dùng: ${known}`,
      en: `unknown field; known fields: ${known}`,
    })
  }
  const read: Record<string, unknown> = {}
  for (const [key, one] of Object.entries(field.fields)) {
    const given = value[key] ?? ('default' in one ? one.default : undefined)
    if (given !== undefined) read[key] = validate(one, given, [...place, key], report)
    else if (one.optional !== true) {
      report(place, { vi: `thiếu mục ${key} (${one.title.vi})`, en: `missing field ${key} (${one.title.en})` })
    }
  }
  return read
}

/** @param place where it is, as `collectors/sql-view/register/password` */
export type SecretChange = (secret: string, place: string) => string

/**
 * A copy of a value in which each secret of the field is changed. What is not of the field's form stays as it is.
 * @param place of the value
 */
export function mapSecretsOf(field: Field, value: unknown, change: SecretChange, place: string): unknown {
  switch (field.kind) {
    case 'text':
      return field.secret && typeof value === 'string' ? change(value, place) : value
    case 'list':
      return Array.isArray(value)
        ? value.map((one, index) => mapSecretsOf(field.items, one, change, `${place}/${index}`))
        : value
    case 'map':
      return isObject(value) ? mapEntries(value, () => field.values, change, place) : value
    case 'group': {
      const { shorthand } = field
      const short = shorthand === undefined ? undefined : field.fields[shorthand]
      if (short && isScalar(value)) return mapSecretsOf(short, value, change, `${place}/${shorthand}`)
      return isObject(value) ? mapEntries(value, (name) => ownField(field, name), change, place) : value
    }
    case 'choice':
    case 'integer':
    case 'number':
    case 'flag':
    case 'scalar':
      return value
    default:
      return field satisfies never
  }
}

function mapEntries(
  value: Record<string, unknown>,
  fieldOf: (name: string) => Field | undefined,
  change: SecretChange,
  place: string,
): Record<string, unknown> {
  const entries = Object.entries(value).map(([name, one]) => {
    const field = fieldOf(name)
    return [name, field ? mapSecretsOf(field, one, change, `${place}/${name}`) : one]
  })
  return Object.fromEntries(entries)
}

const ownField = ({ fields }: GroupField, name: string): Field | undefined =>
  Object.hasOwn(fields, name) ? fields[name] : undefined

export function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
}

/** The most characters of a value that a message shows. */
const maxShown = 60

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > maxShown ? `${text.slice(0, maxShown)}…` : text
}
