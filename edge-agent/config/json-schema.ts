import type { Field, GroupField } from './fields.ts'

/** The declaration as JSON Schema, for a form on the wall and for editors. Titles are in both languages. */
export function jsonSchemaOf(field: Field): Record<string, unknown> {
  const described = {
    title: field.title.en,
    'x-title-vi': field.title.vi,
    ...('default' in field && field.default !== undefined ? { default: field.default } : {}),
  }
  switch (field.kind) {
    case 'text': {
      const { pattern, maxLength, secret } = field
      return {
        type: 'string',
        ...described,
        ...(pattern === undefined ? {} : { pattern }),
        ...(maxLength === undefined ? {} : { maxLength }),
        ...(secret ? { writeOnly: true, format: 'password' } : {}),
      }
    }
    case 'choice':
      return { enum: field.choices, ...described }
    case 'integer':
    case 'number': {
      const { kind: type, minimum, maximum, unit } = field
      return { type, ...described, minimum, maximum, ...(unit === undefined ? {} : { 'x-unit': unit }) }
    }
    case 'flag':
      return { type: 'boolean', ...described }
    case 'scalar':
      return { type: ['string', 'number', 'boolean'], ...described }
    case 'list':
      return {
        type: 'array',
        ...described,
        items: jsonSchemaOf(field.items),
        minItems: field.minItems ?? 1,
        maxItems: field.maxItems,
      }
    case 'map':
      return {
        type: 'object',
        ...described,
        additionalProperties: jsonSchemaOf(field.values),
        maxProperties: field.maxItems,
        ...(field.keys === undefined ? {} : { propertyNames: { pattern: field.keys } }),
      }
    case 'group': {
      const group = { type: 'object', ...described, ...propertiesOf(field), additionalProperties: false }
      const short = field.shorthand === undefined ? undefined : field.fields[field.shorthand]
      return short === undefined ? group : { ...described, anyOf: [jsonSchemaOf(short), group] }
    }
    default:
      return field satisfies never
  }
}

function propertiesOf({ fields }: GroupField) {
  const entries = Object.entries(fields)
  const required = entries.filter(([, field]) => field.optional !== true && !('default' in field)).map(([name]) => name)
  return { properties: Object.fromEntries(entries.map(([name, field]) => [name, jsonSchemaOf(field)])), required }
}

/** Rows of the options table in a collector's README: path, default, meaning. */
export function optionRows(group: GroupField, prefix = ''): string[][] {
  return Object.entries(group.fields).flatMap(([name, field]) => {
    const path = `${prefix}${name}`
    const need = 'default' in field ? String(field.default) : field.optional === true ? '' : 'required'
    const row = [`\`${path}\``, need, `${field.title.en}${hintOf(field)}`]
    // The mapping has a document of its own.
    if (name === 'map') return [row]
    const inner = field.kind === 'list' ? field.items : field
    return inner.kind === 'group' ? [row, ...optionRows(inner, `${path}${field.kind === 'list' ? '[]' : ''}.`)] : [row]
  })
}

function hintOf(field: Field): string {
  if (field.kind === 'choice') return `: ${field.choices.join(', ')}`
  if ('unit' in field && field.unit !== undefined) return `, in ${field.unit}`
  return ''
}
