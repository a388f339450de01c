import { IocError } from '@ioc/contract/errors.ts'
import { isSlug } from '@ioc/contract/names.ts'
import type { Board, Variable } from '../../shared/boards/board.ts'
import type { QuerySeries, VariableOption } from '../../shared/boards/panel-data.ts'
import { fleetDevices } from '../../shared/fleet.ts'
import type { LiveState } from '../live-state.ts'
import type { VisiblePlaces } from '../visible-places.ts'
import { type Chosen, interpolate, type Variables } from './interpolate.ts'

/** Values of one variable that a request may choose. */
const maxValues = 1_000
/** How long the choices from the store are kept, in ms. */
const keepOptionsMs = 30_000
const allValue = '$__all'

export type VariableQuery = Readonly<Record<string, string | readonly string[] | undefined>>

export interface VariableSources {
  readonly state: LiveState
  readonly read: (statement: string, keepMs: number) => Promise<readonly QuerySeries[]>
  /** The limit of the user. */
  readonly places?: VisiblePlaces | undefined
}

/**
 * The choices of a board's variables, one after the other: each has those that the ones before it leave.
 * @throws IocError PAYLOAD_INVALID, STORE_UNREACHABLE
 */
export async function listChoices(
  board: Board,
  query: VariableQuery,
  sources: VariableSources,
): Promise<Record<string, readonly VariableOption[]>> {
  const chosen = new Map<string, Chosen>()
  const choices: Record<string, readonly VariableOption[]> = {}
  for (const variable of board.templating?.list ?? []) {
    const options = await optionsOf(variable, chosen, sources)
    chosen.set(variable.name, choose(variable, requested(query, variable.name), options))
    choices[variable.name] = options
  }
  return choices
}

/**
 * What is chosen of a board's variables. Without a value in the request, the one that the board declares holds, else all,
 * else the first choice. The choices are listed only where it takes them: every panel of a board asks this.
 * @throws IocError PAYLOAD_INVALID, STORE_UNREACHABLE
 */
export async function chooseVariables(
  board: Board,
  query: VariableQuery,
  sources: VariableSources,
): Promise<Variables> {
  const chosen = new Map<string, Chosen>()
  for (const variable of board.templating?.list ?? []) {
    const given = requested(query, variable.name)
    const options = needsOptions(variable, given) ? await optionsOf(variable, chosen, sources) : []
    chosen.set(variable.name, choose(variable, given, options))
  }
  return chosen
}

/** The values that a request chooses of a variable; undefined: it names none. */
function requested(query: VariableQuery, name: string): readonly string[] | undefined {
  const given = query[`var-${name}`]
  const values = (typeof given === 'string' ? [given] : (given ?? [])).filter((value) => value !== '')
  if (values.length > maxValues) throw new IocError('PAYLOAD_INVALID', `more than ${maxValues} values of var-${name}`)
  if (values.some((value) => /\p{Cc}/u.test(value)))
    throw new IocError('PAYLOAD_INVALID', `var-${name} has a control character`)
  return values.length === 0 ? undefined : values
}

/** The values that the request names, else those that the board declares; undefined: neither does. */
function valuesOf({ current }: Variable, given: readonly string[] | undefined): readonly string[] | undefined {
  const declared = [current?.value ?? []].flat().filter((value) => value !== '')
  return given ?? (declared.length > 0 ? declared : undefined)
}

function isAllOf({ includeAll = false }: Variable, values: readonly string[] | undefined): boolean {
  return includeAll && (values === undefined || values.includes(allValue) || values.includes('All'))
}

/** Whether what is chosen depends on the choices that there are. */
function needsOptions(variable: Variable, given: readonly string[] | undefined): boolean {
  const values = valuesOf(variable, given)
  if (variable.type === 'constant') return false
  return isAllOf(variable, values) ? (variable.allValue ?? '') === '' : values === undefined
}

function choose(variable: Variable, given: readonly string[] | undefined, options: readonly VariableOption[]): Chosen {
  const { multi = false, allValue: allPattern, type, query } = variable
  if (type === 'constant') return { values: [query], isAll: false }
  const values = valuesOf(variable, given)
  const isAll = isAllOf(variable, values)
  if (isAll) {
    const pattern = allPattern === undefined || allPattern === '' ? {} : { allPattern }
    return { values: options.slice(0, maxValues).map(({ value }) => value), isAll, ...pattern }
  }
  const some = values ?? options.slice(0, 1).map(({ value }) => value)
  return { values: multi ? some : some.slice(0, 1), isAll }
}

async function optionsOf(variable: Variable, chosen: Variables, sources: VariableSources): Promise<VariableOption[]> {
  const { type, query } = variable
  switch (type) {
    case 'custom':
      return customOptions(variable)
    case 'constant':
    case 'textbox':
      return query === '' ? [] : [{ value: query, text: query }]
    case 'query':
      return queryOptions(query, chosen, sources)
    default:
      return type satisfies never
  }
}

/** Of `a,b` or `Name : a, Other name : b`, as Grafana writes them. */
function customOptions({ options = [], query }: Variable): VariableOption[] {
  const listed = options.filter(({ value }) => value !== allValue)
  if (listed.length > 0) return listed.map(({ text, value }) => ({ text, value }))
  return query.split(',').flatMap((part) => {
    const [text = '', value = text] = part.split(' : ').map((one) => one.trim())
    return value === '' ? [] : [{ text, value }]
  })
}

/**
 * The choices of `SHOW TAG VALUES`: areas of the district, and sites and devices of the live state, by their names. Of
 * sites and devices the store is asked where the query has a condition that the live state does not answer, and while none
 * is known.
 */
async function queryOptions(
  query: string,
  chosen: Variables,
  { state, read, places }: VariableSources,
): Promise<VariableOption[]> {
  const [, measurement = ''] = /\bFROM\s+"?(\w+)"?/i.exec(query) ?? []
  const [, tag = ''] = /\bWITH\s+KEY\s*=\s*"(\w+)"/i.exec(query) ?? []
  const named = optionsFromState(tag, measurement, query, chosen, state, places)
  const tested = [...query.matchAll(/"(\w+)"\s*(?:=~|!~|!=|=)/g)].map(([, name]) => name ?? '')
  const isAnswered = tested.every((name) => ['area', 'site', 'device'].includes(name))
  if (named && named.length > 0 && (isAnswered || tag === 'area')) return named
  const series = await read(interpolate(query, chosen, {}), keepOptionsMs)
  const values = new Set(series.flatMap(({ values: rows }) => rows.map((row) => String(row.at(-1)))))
  const names = new Map(named?.map(({ value, text }) => [value, text]))
  return sorted([...values].map((value) => ({ value, text: names.get(value) ?? nameOf(tag, value, state) })))
}

function optionsFromState(
  tag: string,
  measurement: string,
  query: string,
  chosen: Variables,
  state: LiveState,
  places: VisiblePlaces | undefined,
): VariableOption[] | undefined {
  const areas = state.district.areas.filter(({ code }) => places?.hasArea(code) ?? true)
  const sites = state.district.sites.filter(({ site }) => places?.hasSite(site) ?? true)
  if (tag === 'area') return areas.map(({ code, name }) => ({ value: code, text: name }))
  if (tag !== 'site' && tag !== 'device') return undefined
  const areaOfSite = new Map(sites.map(({ site, area }) => [site, area]))
  const isChosen = (name: string, value: string | null): boolean => {
    const { values, isAll } = (query.includes(`$${name}`) && chosen.get(name)) || { values: [], isAll: true }
    return isAll || (value !== null && values.includes(value))
  }
  const all = fleetDevices(state.devices.values()).filter(({ site }) => places?.hasSite(site) ?? true)
  const ofType = all.filter(({ type }) => type === measurement)
  // A type of which no device reports now has its devices in the store alone.
  if (ofType.length === 0 && measurement !== 'indicator') return undefined
  const devices = (ofType.length > 0 ? ofType : all).filter(
    ({ site, area }) => isChosen('area', area ?? areaOfSite.get(site) ?? null) && isChosen('site', site),
  )
  if (tag === 'device') {
    const names = new Map(devices.map(({ device, name }) => [device, name ?? device]))
    return sorted([...names].map(([value, text]) => ({ value, text })))
  }
  const ofDevices = new Set(devices.map(({ site }) => site))
  const listed = ofType.length > 0 ? [] : sites.filter(({ area }) => isChosen('area', area)).map(({ site }) => site)
  return sorted([...new Set([...ofDevices, ...listed])].map((value) => ({ value, text: nameOf('site', value, state) })))
}

function nameOf(tag: string, value: string, state: LiveState): string {
  if (!isSlug(value)) return value
  if (tag === 'area') return state.district.areas.find(({ code }) => code === value)?.name ?? value
  if (tag === 'site') return state.district.sites.find(({ site }) => site === value)?.name ?? value
  return value
}

const collator = new Intl.Collator('vi', { numeric: true })
const sorted = (options: VariableOption[]): VariableOption[] =>
  options.sort((a, b) => collator.compare(a.text, b.text) || collator.compare(a.value, b.value))
