import { collectorKinds } from '../collectors/table.ts'
import { entryField } from '../config/config.ts'
import { jsonSchemaOf } from '../config/json-schema.ts'

/** The options of each kind of collector as JSON Schema, for a form. */
export function collectorSchemas() {
  return collectorKinds.map((kind) => ({
    type: kind.type,
    title: kind.title,
    cadence_s: kind.cadenceS ?? null,
    schema: jsonSchemaOf(entryField(kind)),
  }))
}
