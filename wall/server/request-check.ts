import { IocError } from '@ioc/contract/errors.ts'
import type { FastifyInstance, FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify'
import type Type from 'typebox'
import { Compile } from 'typebox/compile'
import { Value } from 'typebox/value'

interface QuerySchema {
  readonly properties?: Readonly<Record<string, unknown>>
  readonly patternProperties?: Readonly<Record<string, unknown>>
}

/**
 * One rule for all routes of the API: a parameter that a route does not have is refused, as it is most likely misspelt,
 * and the reason for a refusal is short.
 */
export function checkRequests(app: FastifyInstance): void {
  app.setSchemaErrorFormatter((errors) => new IocError('PAYLOAD_INVALID', errors[0] ? reasonOf(errors[0]) : 'invalid'))
  app.addHook('preValidation', async (request) => {
    const { url = '', schema } = request.routeOptions
    if (!url.startsWith('/api/') || url.startsWith('/api/docs')) return
    const { properties = {}, patternProperties = {} } = (schema?.querystring ?? {}) as QuerySchema
    const patterns = Object.keys(patternProperties).map((pattern) => new RegExp(pattern))
    const isKnown = (name: string) => Object.hasOwn(properties, name) || patterns.some((pattern) => pattern.test(name))
    const unknown = Object.keys(request.query as object).find((name) => !isKnown(name))
    if (unknown === undefined) return
    const known = [...Object.keys(properties), ...(patterns.length > 0 ? ['var-{name}'] : [])]
    const hint = known.length === 0 ? 'there is none' : `use ${known.join(', ')}`
    throw new IocError(
      'PAYLOAD_INVALID',
      `unknown parameter ${JSON.stringify(unknown.slice(0, maxNameLength))}: ${hint}`,
    )
  })
}

/** Characters of a parameter's name that a reason repeats. */
const maxNameLength = 64

/** The reason in words; a pattern would say nothing to its reader. */
function reasonOf({ instancePath, keyword, message = 'is invalid', params }: FastifySchemaValidationError): string {
  const name = instancePath.slice(1).replaceAll('/', '.')
  switch (keyword) {
    case 'pattern':
      return `${name} is invalid`
    case 'enum':
      return `${name} must be one of ${(params['allowedValues'] as readonly unknown[]).join(', ')}`
    case 'required':
      return `add the parameter ${String(params['missingProperty'])}`
    default:
      return `${name} ${message}`.trim()
  }
}

/**
 * Of routes with which people change something: a body is taken as it is sent. The validator of Fastify would turn `''`
 * into null, null into 0, and drop what it does not know.
 */
export const exactBody: FastifySchemaCompiler<Type.TSchema> = ({ schema, httpPart }) => {
  const validator = Compile(schema)
  return (given: unknown) => {
    const value = httpPart === 'body' ? given : Value.Convert(schema, given)
    return validator.Check(value) ? { value } : { error: [...validator.Errors(value)] as never }
  }
}
