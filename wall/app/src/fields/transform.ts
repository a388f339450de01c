import type { Panel } from '../../../shared/boards/board.ts'
import type { Cell } from '../../../shared/boards/panel-data.ts'
import type { TransformationId } from '../../../shared/boards/supported.ts'
import type { RawField, RawFrame } from './raw-frame.ts'

export type Transformation = NonNullable<Panel['transformations']>[number]
type Options = Readonly<Record<string, unknown>>

/** Grafana's transformations that the boards use, by id. */
const transformations: Readonly<
  Record<TransformationId, (frames: readonly RawFrame[], options: Options) => readonly RawFrame[]>
> = { joinByField, labelsToFields, limit, merge, organize, sortBy }

/** Applies the transformations of a panel in their order; one that is unknown changes nothing. */
export function transform(frames: readonly RawFrame[], steps: readonly Transformation[] = []): readonly RawFrame[] {
  return steps.reduce(
    (current, { id, options }) => (isKnown(id) ? transformations[id](current, options) : current),
    frames,
  )
}

const isKnown = (id: string): id is TransformationId => Object.hasOwn(transformations, id)

export const titleOf = ({ title, name }: Pick<RawField, 'title' | 'name'>): string => title ?? name

const isCalled = (field: RawField, name: string) => field.name === name || titleOf(field) === name

/** One table with a row for each value of a field; `inner` keeps only those that every frame has. */
function joinByField(frames: readonly RawFrame[], options: Options): readonly RawFrame[] {
  const name = typeof options['byField'] === 'string' ? options['byField'] : undefined
  const keyed = frames.flatMap((frame) => {
    const key = frame.fields.find((field) => (name === undefined ? field.kind === 'time' : isCalled(field, name)))
    return key ? [{ frame, key, rowOf: new Map(key.values.map((value, row) => [value, row])) }] : []
  })
  const [first] = keyed
  if (!first) return frames
  const union = [...new Set(keyed.flatMap(({ key }) => key.values))]
  const isInner = options['mode'] === 'inner'
  const values = isInner ? union.filter((value) => keyed.every(({ rowOf }) => rowOf.has(value))) : union
  if (first.key.kind === 'time') values.sort((a, b) => Number(a) - Number(b))
  const joined = keyed.flatMap(({ frame, key, rowOf }) =>
    frame.fields
      .filter((field) => field !== key)
      .map((field) => ({
        ...field,
        values: values.map((value) => field.values[rowOf.get(value) ?? -1] ?? null),
      })),
  )
  return [{ refId: first.frame.refId, name: first.frame.name, fields: numbered([{ ...first.key, values }, ...joined]) }]
}

/** Fields of one name in one table get a number each, as `Time 1` and `Time 2`. */
function numbered(fields: readonly RawField[]): RawField[] {
  const counts = new Map<string, number>()
  for (const field of fields) counts.set(titleOf(field), (counts.get(titleOf(field)) ?? 0) + 1)
  const seen = new Map<string, number>()
  return fields.map((field) => {
    const title = titleOf(field)
    if (counts.get(title) === 1) return field
    const index = (seen.get(title) ?? 0) + 1
    seen.set(title, index)
    return { ...field, title: `${title} ${index}` }
  })
}

/** Tables of several queries as one: rows that agree in all fields that the tables share become one row. */
function merge(frames: readonly RawFrame[]): readonly RawFrame[] {
  const [first] = frames
  if (!first || frames.length === 1) return frames
  const names = [...new Set(frames.flatMap(({ fields }) => fields.map(titleOf)))]
  const shared = names.filter((name) => frames.every(({ fields }) => fields.some((field) => titleOf(field) === name)))
  const rows: Map<string, Cell>[] = []
  const byKey = new Map<string, Map<string, Cell>[]>()
  for (const { fields } of frames) {
    for (let index = 0; index < rowsOf(fields); index++) {
      const row = new Map(fields.map((field) => [titleOf(field), field.values[index] ?? null]))
      const key = JSON.stringify(shared.map((name) => row.get(name)))
      const partner = byKey
        .get(key)
        ?.find((one) => [...row.keys()].every((name) => shared.includes(name) || !one.has(name)))
      if (partner) {
        for (const [name, value] of row) partner.set(name, value)
        continue
      }
      rows.push(row)
      byKey.set(key, [...(byKey.get(key) ?? []), row])
    }
  }
  const all = frames.flatMap(({ fields }) => fields)
  const fields = names.flatMap((name) => {
    const known = all.find((field) => titleOf(field) === name)
    return known ? [{ ...known, values: rows.map((row) => row.get(name) ?? null) }] : []
  })
  return [{ refId: first.refId, name: first.name, fields }]
}

/** Leaves fields out, puts them in an order, and gives them other names. */
function organize(frames: readonly RawFrame[], options: Options): readonly RawFrame[] {
  const excluded = (options['excludeByName'] ?? {}) as Readonly<Record<string, boolean>>
  const order = (options['indexByName'] ?? {}) as Readonly<Record<string, number>>
  const renamed = (options['renameByName'] ?? {}) as Readonly<Record<string, string>>
  const named = <T>(table: Readonly<Record<string, T>>, field: RawField): T | undefined =>
    table[titleOf(field)] ?? table[field.name]
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields
      .filter((field) => named(excluded, field) !== true)
      .map((field, index) => ({ field, place: named(order, field) ?? Number.MAX_SAFE_INTEGER, index }))
      .sort((a, b) => a.place - b.place || a.index - b.index)
      .map(({ field }) => {
        const title = named(renamed, field)
        return title ? { ...field, title } : field
      }),
  }))
}

function sortBy(frames: readonly RawFrame[], options: Options): readonly RawFrame[] {
  const [sort] = (options['sort'] ?? []) as readonly { readonly field: string; readonly desc?: boolean }[]
  if (!sort) return frames
  return frames.map((frame) => {
    const by = frame.fields.find((field) => isCalled(field, sort.field))
    if (!by) return frame
    const rows = by.values.map((_value, row) => row)
    rows.sort((a, b) => compare(by.values[a] ?? null, by.values[b] ?? null) * (sort.desc ? -1 : 1))
    return pick(frame, rows)
  })
}

function limit(frames: readonly RawFrame[], options: Options): readonly RawFrame[] {
  const most = Number(options['limitField'] ?? 10)
  return frames.map((frame) => pick(frame, [...Array(Math.min(most, rowsOf(frame.fields))).keys()]))
}

/** Each label becomes a column, and each series a row for each of its values. */
function labelsToFields(frames: readonly RawFrame[]): readonly RawFrame[] {
  const tables = frames.map((frame) => {
    const rows = rowsOf(frame.fields)
    const labels = Object.entries(
      Object.assign({}, ...frame.fields.map((field) => field.labels)) as Record<string, string>,
    )
    const columns = labels.map(
      ([name, value]): RawField => ({ name, kind: 'string', labels: {}, values: Array<Cell>(rows).fill(value) }),
    )
    const time = frame.fields.filter(({ kind }) => kind === 'time')
    const rest = frame.fields.filter(({ kind }) => kind !== 'time').map((field) => ({ ...field, labels: {} }))
    return { ...frame, fields: [...time, ...columns, ...rest] }
  })
  return merge(tables)
}

function pick(frame: RawFrame, rows: readonly number[]): RawFrame {
  return {
    ...frame,
    fields: frame.fields.map((field) => ({ ...field, values: rows.map((row) => field.values[row] ?? null) })),
  }
}

function rowsOf(fields: readonly RawField[]): number {
  return fields.reduce((most, { values }) => Math.max(most, values.length), 0)
}

/** Missing values come first, as in Grafana. */
function compare(a: Cell, b: Cell): number {
  if (a === b) return 0
  if (a === null || b === null) return a === null ? -1 : 1
  if (typeof a === 'string' || typeof b === 'string') return String(a).localeCompare(String(b), 'vi', { numeric: true })
  return Number(a) - Number(b)
}
