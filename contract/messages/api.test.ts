import type Type from 'typebox'
import { Compile } from 'typebox/compile'
import Value from 'typebox/value'
import { expect, test } from 'vitest'
import * as api from './api.ts'
import * as analysis from './api-analysis.ts'
import * as boards from './api-boards.ts'
import * as enrol from './api-enrol.ts'
import * as incidents from './api-incidents.ts'
import * as places from './api-places.ts'
import * as rollout from './api-rollout.ts'
import * as rota from './api-rota.ts'

/** Every schema of the API and of its parameters, with its examples, by name. */
const examples = Object.entries({
  ...api,
  ...analysis,
  ...boards,
  ...enrol,
  ...incidents,
  ...places,
  ...rollout,
  ...rota,
} as unknown as Record<string, Type.TSchema>).flatMap(([name, schema]) => {
  const parameters = (schema as { properties?: Record<string, Type.TSchema> }).properties ?? {}
  return [[name, schema] as const, ...Object.entries(parameters).map(([key, of]) => [`${name}.${key}`, of] as const)]
    .map(([key, of]) => ({ key, of, values: (of as { examples?: unknown[] }).examples ?? [] }))
    .filter(({ values }) => values.length > 0)
})

test('examples of the API fit their schemas, and hold nothing that these do not name', () => {
  expect(examples.length).toBeGreaterThan(10)
  for (const { key, of, values } of examples) {
    const check = Compile(of)
    for (const value of values) {
      expect([key, [...check.Errors(value)]]).toEqual([key, []])
      expect([key, Value.Clean(of, structuredClone(value))]).toEqual([key, value])
    }
  }
})
