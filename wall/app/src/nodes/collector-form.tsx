import type { ApiCollectorKinds } from '@ioc/contract/messages/api-node-config.ts'
import { useState } from 'preact/hooks'
import { useApi } from '../pages/api.ts'
import { language } from '../preferences.ts'
import { sayTitle } from '../words.ts'
import { sayNodes } from './words.ts'

/** The part of JSON Schema that the options of collectors use: see `edge-agent/config/json-schema.ts`. */
interface FieldSchema {
  readonly type?: string | readonly string[]
  readonly title?: string
  readonly 'x-title-vi'?: string
  readonly 'x-unit'?: string
  readonly default?: unknown
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly writeOnly?: boolean
  readonly anyOf?: unknown
}

interface GroupSchema {
  readonly properties: Readonly<Record<string, FieldSchema>>
  readonly required: readonly string[]
}

/** A form for a collector of any kind, made from its options. Lists and groups are written in YAML. */
export function CollectorForm({ onAdd }: { readonly onAdd: (collector: Readonly<Record<string, unknown>>) => void }) {
  const loaded = useApi<ApiCollectorKinds>('/api/agents/collectors')
  const kinds = loaded.state === 'ready' ? loaded.data.kinds : []
  const [type, setType] = useState('')
  const kind = kinds.find((one) => one.type === type)
  const group = kind?.schema as GroupSchema | undefined
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const data = new FormData(event.currentTarget as HTMLFormElement)
    const entries = Object.entries(group?.properties ?? {}).flatMap(([name, field]) => {
      const text = String(data.get(name) ?? '').trim()
      return text === '' ? [] : [[name, parsedValue(field, text)] as const]
    })
    onAdd({ type, ...Object.fromEntries(entries) })
  }
  return (
    <details class="collector-form" data-testid="collector-form">
      <summary>{sayNodes('addCollector')}</summary>
      <form class="window-form" onSubmit={submit}>
        <label>
          {sayNodes('collector')}
          <select name="kind" value={type} onChange={(event) => setType(event.currentTarget.value)}>
            <option value="" />
            {kinds.map((one) => (
              <option key={one.type} value={one.type}>{`${one.type}: ${sayTitle(one.title)}`}</option>
            ))}
          </select>
        </label>
        {group &&
          Object.entries(group.properties)
            .filter(([name]) => name !== 'type')
            .map(([name, field]) => (
              <Field key={`${type} ${name}`} name={name} field={field} isRequired={group.required.includes(name)} />
            ))}
        {group && (
          <button type="submit" data-testid="add-collector">
            {sayNodes('addToText')}
          </button>
        )}
      </form>
    </details>
  )
}

interface FieldProps {
  readonly name: string
  readonly field: FieldSchema
  readonly isRequired: boolean
}

function Field({ name, field, isRequired }: FieldProps) {
  const title = (language.value === 'vi' ? field['x-title-vi'] : undefined) ?? field.title ?? name
  const unit = field['x-unit'] === undefined ? '' : ` (${field['x-unit']})`
  const label = `${title}${unit}`
  const given = field.default === undefined ? '' : String(field.default)
  if (isStructured(field)) {
    return (
      <label class="wide">
        {`${label}, ${sayNodes('yamlField')}: ${name}`}
        <textarea name={name} rows={4} class="config-text" required={isRequired} spellcheck={false} />
      </label>
    )
  }
  const common = { name, required: isRequired }
  const choices = field.enum ?? (field.type === 'boolean' ? ['true', 'false'] : undefined)
  if (choices) {
    return (
      <label>
        {`${label}: ${name}`}
        <select {...common} defaultValue={given}>
          <option value="" />
          {choices.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
    )
  }
  if (isNumber(field)) {
    return (
      <label>
        {`${label}: ${name}`}
        <input {...common} type="number" step="any" min={field.minimum} max={field.maximum} placeholder={given} />
      </label>
    )
  }
  const kind = field.writeOnly
    ? ({ type: 'password', autocomplete: 'new-password' } as const)
    : ({ type: 'text', autocomplete: 'off' } as const)
  return (
    <label>
      {`${label}: ${name}`}
      <input {...common} {...kind} placeholder={given} />
    </label>
  )
}

const isNumber = ({ type }: FieldSchema): boolean => type === 'number' || type === 'integer'
const isStructured = ({ type, anyOf }: FieldSchema): boolean =>
  type === 'object' || type === 'array' || anyOf !== undefined

function parsedValue(field: FieldSchema, text: string): unknown {
  if (isNumber(field)) return Number(text)
  return field.type === 'boolean' ? text === 'true' : text
}
