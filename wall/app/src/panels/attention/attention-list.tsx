import type { AttentionItem, AttentionKind, LiveAttention } from '../../../../shared/live-frame.ts'
import { formatAge, formatInstant, formatNumber } from '../../format.ts'
import { LevelShape, levelWord } from '../level-mark.tsx'
import { abbreviated } from '../names.ts'
import { useBox } from '../use-box.ts'
import { label, type PanelWord } from '../words.ts'
import './attention-list.css'

/** More at once are read by nobody. */
const maxItems = 7
/**
 * What an item needs in one line each, in a narrow box and with second lines, what it takes at most, and the line of the
 * others; in rem.
 */
const itemHeight = 3.3
const narrowHeight = 5.9
const roomyHeight = 4.7
const maxHeight = 7
const othersHeight = 2.4
/** Below this width what is wrong may take two lines. */
const minWidth = 26

/** What the list says of an item, in the viewer's language. */
export interface AttentionText {
  /** What is wrong: the title of the indicator with its value, or what happened. */
  readonly what: string
  /** The name of the place, device, node or process. */
  readonly where: string
  readonly href?: string | undefined
}

interface Props {
  /** undefined: not received yet. */
  readonly attention: LiveAttention | undefined
  /** The centre's clock, in ms since 1970, UTC. */
  readonly now: number
  readonly describe: (item: AttentionItem) => AttentionText
  /** Where all of them are listed. */
  readonly allHref?: string | undefined
}

/** What needs attention now, the worst and oldest first: as many as fit, and how many more there are of each kind. */
export function AttentionList({ attention, now, describe, allHref }: Props) {
  const [ref, box] = useBox<HTMLDivElement>()
  const items = attention?.items ?? []
  const total = Object.values(attention?.counts ?? {}).reduce((sum, count) => sum + count, 0)
  const all = Math.max(total, items.length)
  const { width = 0, height = 0 } = box ?? {}
  const least = width < minWidth ? narrowHeight : itemHeight
  const isAllShown = all <= Math.min(maxItems, Math.floor(height / least))
  const room = isAllShown ? height : height - othersHeight
  const shown = items.slice(0, Math.min(maxItems, Math.max(1, Math.floor(room / least))))
  const size = Math.min(maxHeight, Math.max(least, room / shown.length))
  return (
    <div class="attention" ref={ref}>
      {attention === undefined && <p class="attention-note">{label('waiting')}</p>}
      {attention && all === 0 && (
        <div class="attention-calm">
          <strong>{label('allWell')}</strong>
          <span>{label('allWellHint')}</span>
        </div>
      )}
      {box && shown.length > 0 && (
        <ul style={{ '--item': `${size}rem` }} class={width < minWidth ? 'narrow' : size >= roomyHeight ? 'roomy' : ''}>
          {shown.map((item) => (
            <Item key={keyOf(item)} item={item} now={now} text={describe(item)} />
          ))}
        </ul>
      )}
      {box && all > shown.length && attention && (
        <Others attention={attention} shown={shown} href={allHref} count={all - shown.length} />
      )}
    </div>
  )
}

const keyOf = ({ kind, scope, key, id = '', group = '' }: AttentionItem) => [kind, scope, key, id, group].join(' ')

interface ItemProps {
  readonly item: AttentionItem
  readonly now: number
  readonly text: AttentionText
}

function Item({ item, now, text }: ItemProps) {
  const { level, since, holder } = item
  const content = (
    <>
      <span class="attention-shape">{level === 0 ? <NoMeasurement /> : <LevelShape level={level} />}</span>
      <span class="attention-what">{text.what}</span>
      <time class="attention-since" dateTime={new Date(since).toISOString()} title={formatInstant(since, now)}>
        {formatAge(since, now)}
      </time>
      <span class="attention-where">
        <span class="attention-place" title={text.where}>
          <strong class="attention-word">{level === 0 ? label('noMeasurement') : levelWord(level)}</strong> ·{' '}
          {abbreviated(text.where)}
        </span>
        {holder !== undefined && <span class="attention-holder">{`${holder} ${label('hasIt')}`}</span>}
      </span>
    </>
  )
  return (
    <li class={`level-${level}`}>
      {text.href === undefined ? <div>{content}</div> : <a href={text.href}>{content}</a>}
    </li>
  )
}

/** What is silent or away is no measurement, and has no colour. */
function NoMeasurement() {
  return (
    <svg class="level-shape none" viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="6.5" />
    </svg>
  )
}

const kindWords: Readonly<Record<AttentionKind, PanelWord>> = {
  indicator: 'countIndicators',
  silent: 'countSilent',
  offline: 'countOffline',
  lost: 'countLost',
  down: 'countDown',
}

interface OthersProps {
  readonly attention: LiveAttention
  readonly shown: readonly AttentionItem[]
  readonly count: number
  readonly href: string | undefined
}

function Others({ attention, shown, count, href }: OthersProps) {
  const kinds = (Object.keys(kindWords) as AttentionKind[]).flatMap((kind) => {
    const left = (attention.counts[kind] ?? 0) - shown.filter((item) => item.kind === kind).length
    return left > 0 ? [`${formatNumber(left)} ${label(kindWords[kind])}`] : []
  })
  const text = `+ ${formatNumber(count)} ${label('others')}`
  return (
    <p class="attention-others">
      {href === undefined ? <strong>{text}</strong> : <a href={href}>{text}</a>} {kinds.join(' · ')}
    </p>
  )
}
