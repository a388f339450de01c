import type { ApiDevices, ApiSite } from '@ioc/contract/messages/api.ts'
import { computed, signal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import { formatNumber } from '../format.ts'
import { language } from '../preferences.ts'
import { areas, descriptors } from '../state.ts'
import { sayArea, sayTitle, sayType } from '../words.ts'
import { boardOfIndicator, boards } from './boards.ts'
import { closeDialog, Dialog } from './dialog.tsx'
import { boardUrl, deviceUrl, homeUid, navigate, siteUrl } from './location.ts'
import { find, indexOf, type SearchEntry } from './search-index.ts'
import { sayShell } from './words.ts'

const maxResults = 30
const kindWords = {
  board: 'kindBoard',
  indicator: 'kindIndicator',
  area: 'kindArea',
  site: 'kindSite',
  device: 'kindDevice',
} as const

interface Fleet extends ApiDevices {
  readonly sites: readonly ApiSite[]
}

/** Sites and devices are many: they are read when somebody searches, and kept until the next time. */
const fleet = signal<Fleet>({ sites: [], devices: [] })
const fleetFailed = signal(false)

async function loadFleet(): Promise<void> {
  try {
    const [sites, devices] = await Promise.all(['/api/sites', '/api/devices'].map(readJson))
    fleet.value = { ...(sites as Pick<Fleet, 'sites'>), ...(devices as ApiDevices) }
    fleetFailed.value = false
  } catch {
    fleetFailed.value = true
  }
}

async function readJson(url: string): Promise<unknown> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`)
  return response.json()
}

const index = computed(() => indexOf(entries()))

function entries(): SearchEntry[] {
  const other = language.value === 'vi' ? 'en' : 'vi'
  const { sites, devices } = fleet.value
  const siteNames = new Map(sites.map(({ site, name }) => [site, name ?? site]))
  return [
    ...boards.value.map(({ uid, title }) => ({
      kind: 'board' as const,
      url: boardUrl(uid),
      title: title[language.value],
      detail: '',
      others: [title[other], uid],
    })),
    ...[...descriptors.value.values()].flatMap(({ id, title, about }) => {
      const board = boardOfIndicator(id)
      if (!board) return []
      return {
        kind: 'indicator' as const,
        url: boardUrl(board.uid),
        title: sayTitle(title),
        detail: board.title[language.value],
        others: [title[other], id, about?.[language.value] ?? ''],
      }
    }),
    ...[...areas.value.values()].map((area) => ({
      kind: 'area' as const,
      url: `/d/${homeUid}?var-area=${encodeURIComponent(area.code)}`,
      title: sayArea(area.code, area),
      detail: area.code,
      others: [],
    })),
    ...sites.map(({ site, name, area_name }) => ({
      kind: 'site' as const,
      url: siteUrl(site),
      title: name ?? site,
      detail: area_name ?? '',
      others: [site],
    })),
    ...devices.map(({ site, device, name, type }) => ({
      kind: 'device' as const,
      url: deviceUrl(site, device),
      title: name ?? device,
      detail: `${siteNames.get(site) ?? site} · ${sayType(type)}`,
      others: [site, device],
    })),
  ]
}

export function Search() {
  return (
    <Dialog name="search" label={sayShell('search')}>
      <SearchForm />
    </Dialog>
  )
}

function SearchForm() {
  const [text, setText] = useState('')
  const [active, setActive] = useState(0)
  useEffect(() => {
    void loadFleet()
  }, [])
  const results = find(index.value, text, maxResults)
  const current = Math.min(active, results.length - 1)
  const go = (entry: SearchEntry | undefined) => {
    if (!entry) return
    closeDialog()
    navigate(entry.url)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    // Keys of an input method, such as the Enter that ends a Vietnamese word, are of its own.
    if (event.isComposing) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined && results.length > 0) {
      event.preventDefault()
      setActive((current + step + results.length) % results.length)
    } else if (event.key === 'Enter') {
      event.preventDefault()
      go(results[current])
    }
  }
  return (
    <>
      <input
        type="text"
        inputMode="search"
        list={undefined}
        // biome-ignore lint/a11y/noRedundantRoles: without a list of its own its role is "textbox"
        role="combobox"
        aria-label={sayShell('searchHint')}
        aria-expanded={results.length > 0}
        aria-controls="search-results"
        aria-activedescendant={results.length > 0 ? `search-${current}` : undefined}
        aria-autocomplete="list"
        autocomplete="off"
        spellcheck={false}
        placeholder={sayShell('searchHint')}
        value={text}
        data-testid="search-input"
        onInput={(event) => {
          setText(event.currentTarget.value)
          setActive(0)
        }}
        onKeyDown={onKeyDown}
      />
      <p class="found muted" role="status">
        {text.trim() !== '' &&
          (results.length === 0
            ? sayShell('searchNone')
            : `${formatNumber(results.length)} ${sayShell('searchFound')}`)}
        {fleetFailed.value && ` · ${sayShell('searchFailed')}`}
      </p>
      <div id="search-results" class="results" role="listbox" aria-label={sayShell('search')}>
        {results.map((entry, position) => (
          <Result
            key={`${entry.kind} ${entry.url} ${entry.title}`}
            id={`search-${position}`}
            entry={entry}
            isActive={position === current}
          />
        ))}
      </div>
    </>
  )
}

interface ResultProps {
  readonly id: string
  readonly entry: SearchEntry
  readonly isActive: boolean
}

function Result({ id, entry, isActive }: ResultProps) {
  return (
    <a
      id={id}
      ref={(element) => {
        if (isActive) element?.scrollIntoView({ block: 'nearest' })
      }}
      class="result"
      role="option"
      aria-selected={isActive}
      tabIndex={-1}
      href={entry.url}
      data-testid="search-result"
      onClick={closeDialog}
    >
      <span class="kind">{sayShell(kindWords[entry.kind])}</span>
      <span class="title">
        {entry.title}
        {entry.detail !== '' && <span class="detail">{entry.detail}</span>}
      </span>
    </a>
  )
}
