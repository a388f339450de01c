import { useMemo, useState } from 'preact/hooks'
import type { Panel } from '../../../../shared/boards/board.ts'
import { formatNumber } from '../../format.ts'
import { LevelMark, withoutShape } from '../level-mark.tsx'
import type { PanelProps } from '../panel.ts'
import { label } from '../words.ts'
import {
  type Column,
  columnsOf,
  displayIn,
  fieldIn,
  type Row,
  rowsOf,
  type Sorting,
  searched,
  sorted,
  valueIn,
  valuesOf,
} from './rows.ts'
import './table.css'

/** Rows that are drawn; among more than these one searches. */
const maxRows = 50
/** From so many columns on a narrow box shows each row as a block. */
const minStacked = 4
/** Pixels of Grafana's base size, in which widths of columns are given. */
const grafanaRem = 14

/** Rows with what is wrong first. */
export function Table({ panel, frames, linkTo }: PanelProps) {
  const [asked, setAsked] = useState<Sorting | 'none'>()
  const [search, setSearch] = useState('')
  const columns = useMemo(() => columnsOf(frames), [frames])
  const rows = useMemo(() => rowsOf(frames, columns), [frames, columns])
  const sorting = asked === 'none' ? undefined : (asked ?? declaredSorting(panel, columns))
  const found = useMemo(
    () => sorted(searched(rows, columns, search), columns, sorting),
    [rows, columns, search, sorting],
  )
  const isSearched = rows.length > maxRows
  const kept = columns.findIndex(({ isKept }) => isKept)
  const hasHead = panel.options?.['showHeader'] !== false
  const isStacked = columns.length >= minStacked
  return (
    <div class="table-panel">
      {isSearched && <Search search={search} onSearch={setSearch} found={found.length} />}
      {/* Without a head nothing in it may be reached by the keyboard, which has to scroll it. */}
      <div class="table-scroll" {...(hasHead ? {} : { tabIndex: 0 })}>
        <table class={isStacked ? 'can-stack' : ''} aria-label={panel.title}>
          {hasHead && (
            <thead>
              <tr>
                {columns.map((column, index) => (
                  <Head key={column.name} column={column} isKept={index === kept} sorting={sorting} onSort={setAsked} />
                ))}
              </tr>
            </thead>
          )}
          <tbody>
            {found.slice(0, maxRows).map((row) => (
              <tr key={row.key} class={`level-${row.level}`}>
                {columns.map((column, index) => (
                  <BodyCell
                    key={column.name}
                    row={row}
                    column={column}
                    isFirst={index === 0}
                    isKept={index === kept}
                    linkTo={linkTo}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {found.length === 0 && <p class="table-note">{label(rows.length === 0 ? 'noValue' : 'noneFound')}</p>}
        {found.length > maxRows && (
          <p class="table-note">
            + {formatNumber(found.length - maxRows)} {label('rows')} {label('others')}, {label('narrow')}
          </p>
        )}
      </div>
    </div>
  )
}

/** As the board declares it, by what is shown above the column. */
function declaredSorting({ options }: Panel, columns: readonly Column[]): Sorting | undefined {
  const [first] = (options?.['sortBy'] ?? []) as readonly { displayName?: string; desc?: boolean }[]
  const column = columns.find(({ title, name }) => title === first?.displayName || name === first?.displayName)
  return column && { column: column.name, isDescending: first?.desc === true }
}

interface SearchProps {
  readonly search: string
  readonly onSearch: (search: string) => void
  readonly found: number
}

function Search({ search, onSearch, found }: SearchProps) {
  return (
    <div class="table-search">
      <input
        type="search"
        value={search}
        placeholder={label('search')}
        aria-label={label('search')}
        onInput={(event) => onSearch(event.currentTarget.value)}
      />
      <span role="status">
        {formatNumber(found)} {label('rows')}
      </span>
    </div>
  )
}

interface HeadProps {
  readonly column: Column
  readonly isKept: boolean
  readonly sorting: Sorting | undefined
  readonly onSort: (sorting: Sorting | 'none') => void
}

/** Sorts at the first press as one mostly wants it (numbers: the largest first), then the other way, then not at all. */
function Head({ column, isKept, sorting, onSort }: HeadProps) {
  const { name, title, align, width, isLeast, kind } = column
  const isDescendingFirst = kind === 'number' || kind === 'time'
  const direction = sorting?.column === name ? (sorting.isDescending ? 'descending' : 'ascending') : 'none'
  const next = (): Sorting | 'none' => {
    if (direction === 'none') return { column: name, isDescending: isDescendingFirst }
    const isFirst = (direction === 'descending') === isDescendingFirst
    return isFirst ? { column: name, isDescending: !isDescendingFirst } : 'none'
  }
  return (
    <th
      scope="col"
      class={`align-${align} ${isKept ? 'kept' : ''}`}
      aria-sort={direction}
      style={width === undefined ? {} : { [isLeast ? 'minWidth' : 'width']: `${width / grafanaRem}rem` }}
    >
      <button type="button" onClick={() => onSort(next())}>
        {title}
        <span class="sort-mark" aria-hidden="true">
          {direction === 'none' ? '' : direction === 'descending' ? '↓' : '↑'}
        </span>
      </button>
    </th>
  )
}

interface CellProps {
  readonly row: Row
  readonly column: Column
  readonly isFirst: boolean
  readonly isKept: boolean
  readonly linkTo: PanelProps['linkTo']
}

function BodyCell({ row, column, isFirst, isKept, linkTo }: CellProps) {
  const { name, title, isShort, cell, align, isHidden } = column
  const { text, unit, level, colour } = displayIn(row, name)
  const link = fieldIn(row, name)?.config.links?.[0]
  const shown = (
    <>
      {cell === 'gauge' && <CellBar row={row} name={name} />}
      {cell !== 'plain' && <LevelMark level={level} brief />}
      {cell !== 'plain' && level === 0 && colour !== undefined && (
        <span class="colour-chip" style={{ background: colour }} />
      )}
      {!isHidden && (
        <span class="cell-text">
          {cell === 'plain' ? text : withoutShape(text)}
          {unit !== '' && <span class="cell-unit">{`\u2009${unit}`}</span>}
        </span>
      )}
    </>
  )
  const parts = [`align-${align}`, isShort ? 'one-line' : '', `cell-${cell} level-${level}`, isKept ? 'kept' : '']
  const content = (
    <span class="cell-content">
      {link === undefined || text === '' ? shown : <a href={linkTo(link.url, valuesOf(row))}>{shown}</a>}
    </span>
  )
  const classes = parts.filter(Boolean).join(' ')
  return isFirst ? (
    <th scope="row" class={classes} data-title={title}>
      {content}
    </th>
  ) : (
    <td class={classes} data-title={title}>
      {content}
    </td>
  )
}

/** How far a value is between the ends of its column. */
function CellBar({ row, name }: { readonly row: Row; readonly name: string }) {
  const field = fieldIn(row, name)
  const value = valueIn(row, name)
  if (!field || typeof value !== 'number') return null
  const numbers = field.values.filter((one) => typeof one === 'number')
  const { min = Math.min(0, ...numbers), max = Math.max(...numbers) } = field.config
  const share = max > min ? Math.min(1, Math.max(0, (value - min) / (max - min))) : 0
  return (
    <span class="cell-track">
      <span style={{ '--share': share.toFixed(4) }} />
    </span>
  )
}
