import type { Aggregate, AggregateInput, Cell, CellColumn, RowColumn } from '../../aggregates/column.ts'
import { countColumn } from '../../aggregates/numeric.ts'
import { grown } from '../../grown.ts'

/** What is read of a measurement for the columns: a metric's value as a number, or NaN where it has none. */
export interface Input {
  readonly metric: string
  readonly of: AggregateInput['of']
  readonly name: string
}

/**
 * What a pane keeps: a row of doubles, and cells beside it. The first double counts events; then come the columns. An ordered column also has a cell with the pane's
 * events, sorted: a late one changes the steps on both sides of it.
 */
export interface Layout {
  readonly inputs: readonly Input[]
  readonly width: number
  readonly identity: Float64Array
  readonly columns: readonly { readonly column: RowColumn; readonly input: number; readonly at: number }[]
  readonly cells: readonly { readonly column: CellColumn; readonly input: number }[]
  /** Inputs whose events are kept, in the cells after those of `cells`. */
  readonly sampled: readonly number[]
  /** Cells beside a row. */
  readonly cellCount: number
  /** Columns that are handled without a call: `[operation, place, input]`, three numbers each. */
  readonly simple: Int32Array
  readonly others: readonly { readonly column: RowColumn; readonly input: number; readonly at: number }[]
  /** Where the columns of an aggregate stand: places in the row, and indices of cells. */
  readonly places: ReadonlyMap<Aggregate, readonly number[]>
  /** Where the count of an aggregate's metric stands. */
  readonly counts: ReadonlyMap<Aggregate, number>
}

/** Operations of `simple`. */
export const op = { count: 0, sum: 1, min: 2, max: 3 } as const

/**
 * The rows that aggregates need: what several of them need is there once.
 * @param inputs shared by the layouts of one source, so that each value is read once: what is missing is added
 */
export function createLayout(aggregates: readonly Aggregate[], inputs: Input[] = []): Layout {
  const columns: Layout['columns'][number][] = []
  const cells: Layout['cells'][number][] = []
  const identity: number[] = [0]
  const places = new Map<Aggregate, readonly number[]>()
  const counts = new Map<Aggregate, number>()

  const inputOf = (aggregate: Aggregate): number => {
    const name = aggregate.input?.name ?? 'number'
    const found = inputs.findIndex((input) => input.metric === aggregate.metric && input.name === name)
    if (found >= 0) return found
    return inputs.push({ metric: aggregate.metric, name, of: aggregate.input?.of ?? numberOf }) - 1
  }
  const placeOf = (column: RowColumn, input: number): number => {
    const found = columns.find((one) => one.column.name === column.name && one.input === input)
    if (found) return found.at
    columns.push({ column, input, at: identity.length })
    return identity.push(...column.identity) - column.width
  }
  const cellOf = (column: CellColumn, input: number): number => {
    const found = cells.findIndex((one) => one.column.name === column.name && one.input === input)
    return found >= 0 ? found : cells.push({ column, input }) - 1
  }
  for (const aggregate of aggregates) {
    const input = inputOf(aggregate)
    counts.set(aggregate, placeOf(countColumn, input))
    places.set(
      aggregate,
      aggregate.columns.map((column) => (column.kind === 'row' ? placeOf(column, input) : cellOf(column, input))),
    )
  }
  const isSimple = ({ column }: Layout['columns'][number]) => Object.hasOwn(op, column.name)
  const simple = columns.filter(isSimple)
  const sampled = [...new Set(columns.filter(({ column }) => column.ordered).map(({ input }) => input))]
  return {
    inputs,
    width: identity.length,
    identity: Float64Array.from(identity),
    columns,
    cells,
    sampled,
    cellCount: cells.length + sampled.length,
    simple: Int32Array.from(simple.flatMap(({ column, at, input }) => [op[column.name as keyof typeof op], at, input])),
    others: columns.filter((one) => !isSimple(one)),
    places,
    counts,
  }
}

const numberOf = (value: number | string | boolean): number => (typeof value === 'number' ? value : Number.NaN)

/** Rows of a layout in one array, and in another their cells. `lead` doubles before each row are their owner's. */
export class Table {
  numbers: Float64Array
  readonly cells: (Cell | undefined)[]
  readonly stride: number
  readonly lead: number
  readonly cellCount: number

  constructor(layout: Layout, rows: number, lead = 0) {
    this.stride = layout.width + lead
    this.lead = lead
    this.cellCount = layout.cellCount
    this.numbers = new Float64Array(rows * this.stride)
    this.cells = new Array<Cell | undefined>(rows * layout.cellCount).fill(undefined)
    for (let row = 0; row < rows; row++) resetRow(layout, this, row)
  }

  /** Makes room for more rows; they are those of no event. */
  grow(layout: Layout, rows: number): void {
    const before = this.numbers.length / this.stride
    this.numbers = grown(this.numbers, rows * this.stride)
    while (this.cells.length < rows * this.cellCount) this.cells.push(undefined)
    for (let row = before; row < rows; row++) resetRow(layout, this, row)
  }
}

export function resetRow({ identity, cellCount }: Layout, table: Table, row: number): void {
  const { numbers } = table
  const at = row * table.stride + table.lead
  for (let index = 0; index < identity.length; index++) numbers[at + index] = identity[index] as number
  table.cells.fill(undefined, row * cellCount, (row + 1) * cellCount)
}

/** Removes the cells of some rows. */
export function removeCells({ cells, cellCount }: Table, from: number, to: number): void {
  cells.fill(undefined, from * cellCount, to * cellCount)
}

/** How many events a row has. */
export function eventsOf(table: Table, row: number): number {
  return table.numbers[row * table.stride + table.lead] as number
}

export function copyRow({ width, cellCount }: Layout, out: Table, o: number, from: Table, f: number): void {
  const target = out.numbers
  const source = from.numbers
  const at = o * out.stride + out.lead
  const start = f * from.stride + from.lead
  for (let index = 0; index < width; index++) target[at + index] = source[start + index] as number
  for (let index = 0; index < cellCount; index++) {
    out.cells[o * cellCount + index] = from.cells[f * cellCount + index]?.slice()
  }
}

/**
 * `out = left ⊕ right`, where `out` may be either; all of `left` is before `right`. The sorted events of a pane are not
 * merged: only a pane has them.
 */
export function mergeRow(layout: Layout, out: Table, o: number, left: Table, l: number, right: Table, r: number): void {
  const target = out.numbers
  const first = left.numbers
  const second = right.numbers
  const at = o * out.stride + out.lead
  const a = l * left.stride + left.lead
  const b = r * right.stride + right.lead
  target[at] = (first[a] as number) + (second[b] as number)
  const { simple, others, cells } = layout
  for (let index = 0; index < simple.length; index += 3) {
    const place = simple[index + 1] as number
    const x = first[a + place] as number
    const y = second[b + place] as number
    switch (simple[index]) {
      case op.min:
        target[at + place] = Math.min(x, y)
        break
      case op.max:
        target[at + place] = Math.max(x, y)
        break
      default:
        target[at + place] = x + y
    }
  }
  for (let index = 0; index < others.length; index++) {
    const one = others[index] as Layout['others'][number]
    one.column.merge(target, at + one.at, first, a + one.at, second, b + one.at)
  }
  if (layout.cellCount === 0) return
  for (let index = 0; index < cells.length; index++) {
    const { column } = cells[index] as Layout['cells'][number]
    const one = left.cells[l * left.cellCount + index]
    const other = right.cells[r * right.cellCount + index]
    out.cells[o * out.cellCount + index] = one && other ? column.merge(one, other) : (one ?? other)?.slice()
  }
  out.cells.fill(undefined, o * out.cellCount + cells.length, (o + 1) * out.cellCount)
}

/** Adds an event to the row of a pane. `values` holds a number for each input, NaN where there is none. */
export function addToRow(layout: Layout, table: Table, row: number, ts: number, values: Float64Array): void {
  const { numbers } = table
  const at = row * table.stride + table.lead
  numbers[at] = (numbers[at] as number) + 1
  const { simple, others, cells } = layout
  for (let index = 0; index < simple.length; index += 3) {
    const value = values[simple[index + 2] as number] as number
    if (Number.isNaN(value)) continue
    const place = at + (simple[index + 1] as number)
    const now = numbers[place] as number
    switch (simple[index]) {
      case op.count:
        numbers[place] = now + 1
        break
      case op.sum:
        numbers[place] = now + value
        break
      case op.min:
        if (value < now) numbers[place] = value
        break
      default:
        if (value > now) numbers[place] = value
    }
  }
  for (let index = 0; index < others.length; index++) {
    const { column, input, at: place } = others[index] as Layout['others'][number]
    const value = values[input] as number
    if (!Number.isNaN(value) && !column.ordered) column.add(numbers, at + place, ts, value)
  }
  if (layout.cellCount === 0) return
  for (let index = 0; index < cells.length; index++) {
    const { column, input } = cells[index] as Layout['cells'][number]
    const value = values[input] as number
    if (Number.isNaN(value)) continue
    const cell = row * table.cellCount + index
    table.cells[cell] = column.add(table.cells[cell], ts, value)
  }
  for (let index = 0; index < layout.sampled.length; index++) {
    const value = values[layout.sampled[index] as number] as number
    if (!Number.isNaN(value)) addOrdered(layout, table, row, index, ts, value)
  }
}

/** Adds an event to the ordered columns of one input: at the end where it is the newest, else all over again. */
function addOrdered(layout: Layout, table: Table, row: number, sampled: number, ts: number, value: number): void {
  const index = row * table.cellCount + layout.cells.length + sampled
  const samples = table.cells[index] ?? [1]
  table.cells[index] = samples
  const isLast = insertSample(samples, ts, value)
  const at = row * table.stride + table.lead
  for (const { column, input, at: place } of layout.others) {
    if (!column.ordered || input !== layout.sampled[sampled]) continue
    if (isLast) {
      column.add(table.numbers, at + place, ts, value)
      continue
    }
    table.numbers.set(column.identity, at + place)
    for (let each = 1; each < samples.length; each += 2) {
      column.add(table.numbers, at + place, samples[each] as number, samples[each + 1] as number)
    }
  }
}

/** Inserts into the sorted events `[used, ts, value, ts, value, …]` of a cell; returns whether it is the last of them. */
function insertSample(samples: Cell, ts: number, value: number): boolean {
  let at = samples.length
  while (at > 1 && isAfter(samples[at - 2] as number, samples[at - 1] as number, ts, value)) at -= 2
  const isLast = at === samples.length
  samples.splice(at, 0, ts, value)
  samples[0] = samples.length
  return isLast
}

function isAfter(ts: number, value: number, otherTs: number, otherValue: number): boolean {
  return ts > otherTs || (ts === otherTs && value > otherValue)
}
