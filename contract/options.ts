import { IocError } from './errors.ts'

/**
 * One option, declared once as a JSON Schema literal: type, validation, default, documentation and environment name
 * all come from it. Plain data and a small reader, not the schema library, because the agent must stay small
 * (docs/decisions/0002-options-without-a-schema-library.md).
 */
export type Option =
  | (Described & {
      readonly type: 'integer' | 'number'
      readonly default: number
      readonly minimum: number
      readonly maximum: number
    })
  | (Described & { readonly type: 'boolean'; readonly default: boolean })
  | (Described & {
      readonly type: 'string'
      readonly default: string
      readonly pattern?: string
      readonly enum?: readonly string[]
    })

interface Described {
  readonly title: string
  /** The unit of a number, as `ms` or `bytes`. */
  readonly unit?: string
  /** Never printed nor logged. */
  readonly secret?: boolean
}

export type OptionSchema = Readonly<Record<string, Option>>

export type Options<S extends OptionSchema> = {
  readonly [K in keyof S]: S[K] extends { type: 'integer' | 'number' }
    ? number
    : S[K] extends { type: 'boolean' }
      ? boolean
      : S[K] extends { enum: readonly (infer E)[] }
        ? E
        : string
}

/** Keeps the literal types of a schema. */
export function optionSchema<const S extends OptionSchema>(schema: S): S {
  return schema
}

/** `mqttPort` → `IOC_MQTT_PORT`. */
export function environmentName(key: string): string {
  return `IOC_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}

/**
 * Reads every option from the environment, validated, frozen. An unset or empty variable gives the default.
 * @throws IocError OPTION_INVALID naming the variable, what it holds and what it may hold
 */
export function readOptions<S extends OptionSchema>(schema: S, environment: NodeJS.ProcessEnv): Options<S> {
  const values = Object.entries(schema).map(([key, option]) => {
    const name = environmentName(key)
    const text = environment[name]
    return [key, text === undefined || text === '' ? option.default : readOne(name, text, option)]
  })
  return Object.freeze(Object.fromEntries(values)) as Options<S>
}

function readOne(name: string, text: string, option: Option): string | number | boolean {
  const fail = (expected: string): never => {
    const shown = option.secret ? 'its value' : JSON.stringify(text)
    throw new IocError('OPTION_INVALID', `${name}: expected ${expected}, got ${shown}`)
  }
  switch (option.type) {
    case 'boolean':
      if (/^(1|true|yes|on)$/i.test(text)) return true
      if (/^(0|false|no|off)$/i.test(text)) return false
      return fail('true or false')
    case 'integer':
    case 'number': {
      const value = text.trim() === '' ? Number.NaN : Number(text)
      const fits =
        value >= option.minimum && value <= option.maximum && (option.type === 'number' || Number.isInteger(value))
      const unit = option.unit ? ` ${option.unit}` : ''
      return fits
        ? value
        : fail(
            `${option.type === 'integer' ? 'an integer' : 'a number'} from ${option.minimum} to ${option.maximum}${unit}`,
          )
    }
    case 'string':
      if (option.enum && !option.enum.includes(text)) return fail(`one of ${option.enum.join(', ')}`)
      if (option.pattern && !new RegExp(option.pattern).test(text)) return fail(`text like ${option.pattern}`)
      return text
  }
}
