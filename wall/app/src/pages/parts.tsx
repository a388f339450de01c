import {
  type Band,
  bandOf,
  type IndicatorDescriptor,
  type LiveDevice,
  type LiveIndicator,
} from '@ioc/contract/messages/live.ts'
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { isSilent as isSilentLife } from '../../../shared/stale.ts'
import { formatAge, formatInstant, formatLimit, formatNumber, formatOffset, formatValue } from '../format.ts'
import { levelLimits } from '../limits.ts'
import { subscribe } from '../live.ts'
import { language } from '../preferences.ts'
import { boardOfIndicator } from '../shell/boards.ts'
import { boardUrl } from '../shell/location.ts'
import { descriptorOf, descriptors, hasFault, indicators, isOld, ledgers, lives, nodes, now, sites } from '../state.ts'
import { say, sayGroup, sayLevel, sayProblem, sayTitle } from '../words.ts'
import { sayPage } from './words.ts'

/** Subscribes for as long as the page shows what is below the prefixes. */
export function useSubscription(prefixes: readonly string[]): void {
  const key = prefixes.join('\n')
  useEffect(() => (key === '' ? undefined : subscribe(key.split('\n'))), [key])
}

/** Indicators of devices that are computed from one of the types, directly or over other indicators. */
export function deviceIndicatorsOf(types: ReadonlySet<string>): string[] {
  return [...descriptors.value.values()].flatMap(({ id, scopes, source, fed_by = [source] }) =>
    scopes.includes('device') && fed_by.some((type) => types.has(type)) ? [id] : [],
  )
}

interface SectionProps {
  readonly title: string
  readonly id: string
  readonly children: ComponentChildren
}

export function Section({ title, id, children }: SectionProps) {
  return (
    <section class="card" aria-labelledby={`${id}-title`} data-testid={id}>
      <h2 id={`${id}-title`}>{title}</h2>
      {children}
    </section>
  )
}

/** Rows of a long list that are shown at first: a phone shows few at a time. */
const firstRows = 30

/** The first rows of a long list, and a button that shows the others; nothing in its place where there are none. */
export function useFirstRows<T>(all: readonly T[]): { readonly shown: readonly T[]; readonly more: ComponentChildren } {
  const [isWhole, setWhole] = useState(false)
  if (isWhole || all.length <= firstRows) return { shown: all, more: null }
  const more = (
    <button type="button" class="more" onClick={() => setWhole(true)}>
      {`${sayPage('showAll')} (${all.length})`}
    </button>
  )
  return { shown: all.slice(0, firstRows), more }
}

interface TableProps {
  readonly label: string
  readonly columns: readonly string[]
  /** Columns of numbers, which stand at the right. */
  readonly numeric?: readonly string[]
  readonly children: ComponentChildren
}

/** A table that scrolls sideways by itself where the screen is narrow. */
export function Table({ label, columns, numeric = [], children }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard has to reach what scrolls
    <section class="scroll" tabIndex={0} aria-label={`${label}: ${sayPage('table')}`}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col" class={numeric.includes(column) ? 'number' : ''}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  )
}

const shapes = ['', '▲', '◆', '■'] as const

export function LevelBadge({ level }: { readonly level: number }) {
  return level === 0 ? null : <Badge level={level} text={sayLevel(level)} />
}

/** A word in the colour and with the shape of a level. */
export function Badge({ level, text }: { readonly level: number; readonly text: string }) {
  return (
    <span class={`badge level-${level}`}>
      <span aria-hidden="true">{shapes[level]}</span> {text}
    </span>
  )
}

interface FactProps {
  readonly name: string
  readonly children: ComponentChildren
}

/** An entry of the list at the head of a page. */
export function Fact({ name, children }: FactProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** Sites that a text field suggests, which names the id as its list. */
export function SiteSuggestions({ id }: { readonly id: string }) {
  return (
    <datalist id={id}>
      {[...sites.value.values()].map(({ site, name }) => (
        <option key={site} value={site}>
          {name}
        </option>
      ))}
    </datalist>
  )
}

/** What a page shows in place of what it could not read. */
export function Failed({ retry }: { readonly retry: () => void }) {
  return (
    <p class="card" role="alert">
      {sayPage('failed')}{' '}
      <button type="button" onClick={retry}>
        {sayPage('retry')}
      </button>
    </p>
  )
}

/** Values of one place, the worst first, then in the order in which they are declared. */
export function IndicatorList({ topics }: { readonly topics: readonly string[] }) {
  const order = [...descriptors.value.keys()]
  const shown = topics
    .flatMap((topic) => {
      const indicator = indicators.get(topic)
      return indicator ? [{ topic, indicator }] : []
    })
    .sort(
      ({ indicator: a }, { indicator: b }) =>
        b.level - a.level || order.indexOf(a.id) - order.indexOf(b.id) || (a.group ?? '').localeCompare(b.group ?? ''),
    )
  if (shown.length === 0) return <p class="muted">{sayPage('noIndicators')}</p>
  return (
    <ul class="indicators">
      {shown.map(({ topic }) => (
        <Indicator key={topic} topic={topic} />
      ))}
    </ul>
  )
}

/** One value: the figure, how it is, how old it is where it is not of now, and its limits. */
function Indicator({ topic }: { readonly topic: string }) {
  const indicator = indicators.get(topic)
  if (!indicator) return null
  const { id, key, group, value, level, ts } = indicator
  const descriptor = descriptorOf(indicator)
  const { figure, unit } = formatValue(value, descriptor?.unit ?? '', descriptor?.source)
  const band = bandOf(value, descriptor?.bands ?? [])
  const old = isOld(indicator)
  const board = boardOfIndicator(id)
  const title = titleOf(indicator, descriptor)
  return (
    <li
      class={`indicator ${old ? 'stale' : ''}`}
      data-testid={`indicator-${id}-${key}${group === undefined ? '' : `-${group}`}`}
      data-level={level}
      data-stale={old}
    >
      <span class="name">{board ? <a href={boardUrl(board.uid)}>{title}</a> : title}</span>
      <span class="value">
        <span class="figure">{figure}</span> <span class="unit">{unit}</span>
      </span>
      <span class="how">
        <LevelBadge level={level} />
        {band && <BandName band={band} shown={level > 0} />}
        {old && <span class="age">{formatAge(ts, now.value)}</span>}
      </span>
      <small class="limits">
        {limitText(descriptor)}
        {descriptor?.unconfirmed !== undefined && ` (${say('unconfirmed')})`}
      </small>
    </li>
  )
}

function titleOf({ id, group }: LiveIndicator, descriptor: IndicatorDescriptor | undefined): string {
  const name = descriptor ? sayTitle(descriptor.title) : id
  return group === undefined ? name : `${name}: ${sayGroup(group)}`
}

/** The published name of a value; its colour only where the value is abnormal, as all colour here. */
function BandName({ band, shown }: { readonly band: Band; readonly shown: boolean }) {
  const [red, green, blue] = band.colour
  return (
    <span class="band">
      {shown && <span class="band-colour" style={{ background: `rgb(${red} ${green} ${blue})` }} />}
      {sayTitle(band.title)}
    </span>
  )
}

type Limited = Pick<IndicatorDescriptor, 'levels' | 'unit' | 'source'>

function limitText(descriptor: Limited | undefined): string {
  const values = limitValues(descriptor)
  return values === '' ? '' : `${say('limits')} ${values}`
}

/** As `≥ 50 · 100 µg/m³`; empty where there are no limits. */
export function limitValues(descriptor: Limited | undefined): string {
  const limits = levelLimits(descriptor?.levels)
  if (!descriptor || limits.length === 0) return ''
  const sign = descriptor.levels?.direction === 'below' ? '≤' : '≥'
  const unit = formatValue(0, descriptor.unit, descriptor.source).unit
  return `${sign} ${limits.map(({ value }) => formatLimit(value)).join(' · ')} ${unit}`.trimEnd()
}

/** A node's clock that is off by more than this is worth a look. */
const maxOffsetMs = 5_000
const counts = ['sent', 'stored', 'duplicates', 'queued'] as const
/** The level of what is counted, where it is more than 0. */
const exceptions = [
  ['lost', 'lost', 2],
  ['rejected', 'rejected', 1],
  ['over_quota', 'overQuota', 1],
  ['reused', 'reused', 1],
  ['corrected', 'corrected', 0],
] as const

/** Nodes of a site, whether they are connected, and whether all that they sent arrived. */
export function NodeTable({ site, only }: { readonly site: string; readonly only?: string }) {
  const isShown = (one: { readonly site: string; readonly node: string }) =>
    one.site === site && (only === undefined || one.node === only)
  const known = new Map(nodes.all().flatMap((node) => (isShown(node) ? [[node.node, node] as const] : [])))
  const rows = new Map(ledgers.all().flatMap((row) => (isShown(row) ? [[row.node, row] as const] : [])))
  const names = [...new Set([...known.keys(), ...rows.keys()])].sort()
  if (names.length === 0) return <p class="muted">{sayPage('noNodes')}</p>
  // Columns that are mostly zero appear only while a node has something in them.
  const shown = exceptions.filter(
    ([name]) => name === 'lost' || name === 'rejected' || [...rows.values()].some((row) => row[name] > 0),
  )
  const numeric = [...counts.map((name) => sayPage(name)), ...shown.map(([, word]) => sayPage(word)), sayPage('offset')]
  const columns = [sayPage('node'), sayPage('state'), ...numeric, sayPage('problem')]
  return (
    <Table label={sayPage('nodes')} columns={columns} numeric={numeric}>
      {names.map((name) => {
        const row = rows.get(name)
        const node = known.get(name)
        return (
          <tr key={name} data-testid={`ledger-${site}/${name}`}>
            <th scope="row">
              {name}
              {node?.agent && <small> {node.agent.host}</small>}
            </th>
            <td>{node ? <Online online={node.online} /> : '–'}</td>
            {counts.map((count) => (
              <td key={count} class="number" data-testid={`ledger-${count}`}>
                {row ? formatNumber(row[count]) : '–'}
              </td>
            ))}
            {shown.map(([count, , level]) => (
              <td key={count} class="number" data-testid={`ledger-${count}`}>
                {row && <Count count={row[count]} level={level} />}
              </td>
            ))}
            <td class="number">
              {row && (
                <span class={Math.abs(row.offset_ms) > maxOffsetMs ? 'badge level-1' : ''}>
                  {formatOffset(row.offset_ms)}
                </span>
              )}
            </td>
            <td class="problem" data-testid="ledger-problem">
              {row?.problem ? (
                <>
                  {sayProblem(row.problem.code)}, {formatAge(row.problem.ts, now.value)}
                  {language.value === 'en' && <small> {row.problem.reason}</small>}
                </>
              ) : (
                '–'
              )}
            </td>
          </tr>
        )
      })}
    </Table>
  )
}

function Count({ count, level }: { readonly count: number; readonly level: number }) {
  return <span class={count > 0 && level > 0 ? `badge level-${level}` : ''}>{formatNumber(count)}</span>
}

function Online({ online }: { readonly online: boolean }) {
  return online ? <span>{say('online')}</span> : <span class="badge level-2">{say('offline')}</span>
}

/** How a device is: what keeps it from measuring first, then what is wrong with its values and its clock. */
export function DeviceState({ device }: { readonly device: Pick<LiveDevice, 'site' | 'device' | 'online'> }) {
  const life = lives.get(`liveness/${device.site}/${device.device}`)
  const isSilent = isSilentLife(life)
  const kinds = new Set(life?.faults.map(({ kind }) => kind))
  const faults = [...kinds, ...(life?.clock ? (['clock'] as const) : [])]
  const isNormal = device.online && !hasFault(device)
  return (
    <span class="device-state" data-testid="device-state">
      {isSilent && (
        <span class="badge silent">
          <span aria-hidden="true">◌</span> {sayPage(life?.state === 'never_heard' ? 'neverHeard' : 'silent')}
        </span>
      )}
      {!isSilent && !device.online && <span class="badge level-2">{sayPage('offline')}</span>}
      {!isSilent && device.online && life?.state === 'late' && <Badge level={1} text={sayPage('late')} />}
      {!isSilent && faults.map((fault) => <Badge key={fault} level={1} text={sayPage(fault)} />)}
      {!isSilent && isNormal && <span>{sayPage('normal')}</span>}
    </span>
  )
}

/** When something was measured, and how long ago that is. */
export function Measured({ ts }: { readonly ts: number | null }) {
  if (ts === null) return <>{sayPage('never')}</>
  return (
    <span title={formatInstant(ts, now.value)}>
      <time dateTime={new Date(ts).toISOString()}>{formatAge(ts, now.value)}</time>
    </span>
  )
}
