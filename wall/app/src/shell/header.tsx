import type { AttentionItem } from '../../../shared/live-frame.ts'
import { formatDate, formatNumber, formatTime } from '../format.ts'
import emblem from '../icon.svg'
import { language } from '../preferences.ts'
import { areas, attention, brokerHeard, link, now } from '../state.ts'
import { say, sayArea, sayLevel } from '../words.ts'
import { toggleDialog } from './dialog.tsx'
import { boardUrl, homeUid, incidentUrl, navigate, query, route, withQuery } from './location.ts'
import { pageTitle } from './page-title.ts'
import { SoundButton } from './sound.tsx'
import { TimeControls } from './time-picker.tsx'
import { sayShell } from './words.ts'

/** Pages that show a range of time. */
const hasTimes: ReadonlySet<string> = new Set(['board', 'site', 'device'])

export function Header() {
  return (
    <header class="top">
      <button
        type="button"
        class="icon-button"
        aria-label={sayShell('menu')}
        title={`${sayShell('menu')} (m)`}
        data-testid="menu"
        onClick={() => toggleDialog('menu')}
      >
        <MenuIcon />
      </button>
      <a class="brand" href="/" aria-label={`${say('title')}: ${sayShell('home')}`}>
        <img src={emblem} alt="" width={32} height={32} />
        <span class="brand-name" aria-hidden="true">
          {say('shortTitle')}
        </span>
      </a>
      <h1 data-testid="page-title">{pageTitle.value}</h1>
      <AreaSelector />
      <button
        type="button"
        class="search-button"
        aria-label={sayShell('search')}
        aria-keyshortcuts="Control+K /"
        data-testid="search"
        onClick={() => toggleDialog('search')}
      >
        <SearchIcon />
        <span class="label">{sayShell('search')}</span>
        <kbd>/</kbd>
      </button>
      {hasTimes.has(route.value.page) && <TimeControls />}
      <Status />
    </header>
  )
}

/** What stays in view also on a wall without controls: connection, alerts and clock. */
export function Status() {
  return (
    <div class="status">
      <Connection />
      <Alerts />
      <SoundButton />
      <Clock />
    </div>
  )
}

function AreaSelector() {
  const chosen = query.value.getAll('var-area').filter((code) => code !== '$__all')
  const [first = ''] = chosen
  const change = (code: string) => {
    // Sites and devices are those of an area: what was chosen of another one would leave every panel empty.
    const url = withQuery({
      'var-area': code === '' ? undefined : code,
      'var-site': undefined,
      'var-device': undefined,
    })
    navigate(route.peek().page === 'board' ? url : `/d/${homeUid}${new URL(url, location.origin).search}`)
  }
  return (
    <label class="area">
      <span class="hidden">{sayShell('area')}</span>
      <select
        value={chosen.length > 1 ? '*' : first}
        data-testid="area"
        onChange={(event) => change(event.currentTarget.value)}
      >
        <option value="">{sayShell('wholeDistrict')}</option>
        {chosen.length > 1 && (
          <option value="*" disabled>
            {`${chosen.length} ${sayShell('severalAreas')}`}
          </option>
        )}
        {[...areas.value.values()].map((area) => (
          <option key={area.code} value={area.code}>
            {sayArea(area.code, area)}
          </option>
        ))}
        {first !== '' && !areas.value.has(first) && <option value={first}>{first}</option>}
      </select>
    </label>
  )
}

function Connection() {
  const state = link.value === 'live' && !brokerHeard.value ? 'cut' : link.value
  return (
    <p class={`connection ${state}`} data-testid="connection" data-state={state}>
      <span class="dot" aria-hidden="true" />
      <span class="label">{say(state)}</span>
    </p>
  )
}

const shapes = ['', '▲', '◆', '■'] as const

/** How much needs attention, by its worst level; the overview lists it. */
function Alerts() {
  if (!attention.value) return null
  const { counts, levels, items } = attention.value
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const worst = ([3, 2, 1] as const).find((level) => levels[level] > 0) ?? 0
  if (total === 0) {
    return (
      <p class="alerts" data-testid="alerts" data-level={0}>
        {sayShell('calm')}
      </p>
    )
  }
  return (
    <a class={`alerts level-${worst}`} href={hrefOfAlerts(items)} data-testid="alerts" data-level={worst}>
      {worst > 0 && (
        <strong>
          <span aria-hidden="true">{shapes[worst]} </span>
          {formatNumber(levels[worst])}
          <span class="label"> {sayLevel(worst).toLowerCase()}</span>
        </strong>
      )}
      <span class="total">
        {worst > 0 && ' · '}
        {formatNumber(total)}{' '}
        <span class="label">{sayShell(total === 1 ? 'attentionOne' : 'attention').toLowerCase()}</span>
      </span>
    </a>
  )
}

/** On the overview, which lists them, to the incidents of their causes: to the only one, or to all. */
function hrefOfAlerts(items: readonly AttentionItem[]): string {
  const open = route.value
  const causes = new Set(items.flatMap(({ incident }) => incident ?? []))
  const [only] = causes
  if (open.page !== 'board' || open.uid !== homeUid || only === undefined) return boardUrl(homeUid)
  return causes.size === 1 ? incidentUrl(only) : '/incidents'
}

function Clock() {
  return (
    <p class="clock" title={sayShell('timeZone')}>
      <time data-testid="clock" dateTime={new Date(now.value).toISOString()} lang={language.value}>
        {formatTime(now.value)}
      </time>
      <span class="date">{formatDate(now.value)}</span>
    </p>
  )
}

function MenuIcon() {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d="M3 6h18M3 12h18M3 18h18" />
    </svg>
  )
}

function SearchIcon() {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <circle cx="10.5" cy="10.5" r="6.5" />
      <path d="M15.5 15.5 21 21" />
    </svg>
  )
}
