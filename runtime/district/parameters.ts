import {
  defaultParameters,
  type Parameter,
  type Parameters,
  type ParametersFile,
} from '@ioc/contract/district/parameters.ts'

/** The parameters in force: as the district's file says, else their defaults. */
export function parametersOf(file: ParametersFile): Parameters {
  const merged = Object.entries(defaultParameters).map(([name, fallback]: [string, Parameter]) => {
    const said = file[name as keyof ParametersFile]
    if (said === undefined) return [name, fallback]
    const { value, source, unconfirmed = fallback.unconfirmed } = said
    const named = source === undefined ? fallback.source : { vi: source, en: source }
    return [name, { ...fallback, value, source: named, unconfirmed }]
  })
  // Each value has the type that the schema checked.
  return Object.fromEntries(merged) as unknown as Parameters
}
