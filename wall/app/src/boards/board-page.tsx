import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Board, BoardLink, Panel } from '../../../shared/boards/board.ts'
import type { BoardVariables } from '../../../shared/boards/panel-data.ts'
import { language } from '../preferences.ts'
import { boards, grafana } from '../shell/boards.ts'
import { homeUid, query, withQuery } from '../shell/location.ts'
import { boardTime, intervalMs, rawRange, refreshes, refreshInterval } from '../shell/time.ts'
import { connections, storeAway } from '../state.ts'
import { BoardContext } from './context.ts'
import { loadDeviceNames } from './district-names.ts'
import { type PlacedPanel, type Section, sectionsOf } from './layout.ts'
import { grafanaUrl, type LinkScope, pathOf, textOf, urlOf } from './links.ts'
import { PanelView } from './panel-view.tsx'
import { useJson, useJsonState } from './use-json.ts'
import { useMarks } from './use-marks.ts'
import type { Refreshes } from './use-panel-data.ts'
import { choicesOf, singleValues, variableQuery } from './variables.ts'
import { VariablesBar } from './variables-bar.tsx'
import { boardWord } from './words.ts'
import './boards.css'

/** Boards that fill the screen and do not scroll, where it is wide enough. */
const fittingBoards: ReadonlySet<string> = new Set([homeUid])

/** A board at Grafana's address: its variables, and its panels on their grid. */
export function BoardPage({ uid }: { readonly uid: string }) {
  // The home board keeps its height for its panels: the menu leads to every board.
  return <BoardView uid={uid} query={query.value} hasBar={!fittingBoards.has(uid)} />
}

/** The charts of a board, with values of its variables that the page around it chooses. */
export function BoardCharts({ uid, query: chosen }: { readonly uid: string; readonly query: URLSearchParams }) {
  return <BoardView uid={uid} query={chosen} hasBar={false} shows={isChart} />
}

const isChart = ({ type }: Panel): boolean => type === 'timeseries' || type === 'state-timeline'

interface BoardViewProps {
  readonly uid: string
  /** `var-…`: what is chosen of its variables. */
  readonly query: URLSearchParams
  /** Whether its variables and links stand above it. */
  readonly hasBar: boolean
  /** Which of its panels are shown; all by default. */
  readonly shows?: (panel: Panel) => boolean
}

function BoardView({ uid, query: chosen, hasBar, shows }: BoardViewProps) {
  const whole = useBoard(uid)
  const board = useMemo(
    () => (whole && shows ? { ...whole, panels: whole.panels.filter(shows) } : whole),
    [whole, shows],
  )
  const variables = useVariables(uid, board, chosen)
  const due = useDueRefreshes()
  const asked = refreshes.value + connections.value
  useEffect(loadDeviceNames, [])
  const choices = useMemo(
    () => (board && variables ? choicesOf(board, chosen, variables) : []),
    [board, variables, chosen],
  )
  const isReady = board !== undefined && variables !== undefined
  const marks = useMarks(isReady ? board : undefined, choices, rawRange.value, { asked: refreshes.value, due })
  if (!isReady)
    return (
      <p class="board-note" role="status">
        {boardWord('boardLoading')}…
      </p>
    )
  const scope: PanelScope = { choices, range: rawRange.value, all: boardWord('all') }
  return (
    <BoardContext.Provider value={marks}>
      <div class="board" data-testid={`board-${uid}`}>
        {hasBar && (
          <div class="board-bar">
            <VariablesBar choices={choices} />
            <BoardLinks links={board.links ?? []} scope={scope} uid={uid} />
          </div>
        )}
        <Grid board={board} scope={scope} refreshes={{ asked, due }} isEmbedded={shows !== undefined} />
      </div>
    </BoardContext.Provider>
  )
}

type PanelScope = Omit<LinkScope, 'scoped'>

interface GridProps {
  readonly board: Board
  readonly scope: PanelScope
  readonly refreshes: Refreshes
  /** Whether it is a part of another page: one panel alone is then shown on the board itself. */
  readonly isEmbedded: boolean
}

function Grid({ board, scope, refreshes, isEmbedded }: GridProps) {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set())
  const element = useRef<HTMLDivElement>(null)
  const isFitting = fittingBoards.has(board.uid)
  useFit(element, isFitting)
  const valuesOf = (name: string) => {
    const choice = scope.choices.find(({ variable }) => variable.name === name)
    return choice ? singleValues(choice) : []
  }
  const sections = sectionsOf(board.panels, valuesOf, (key) => toggled.has(key))
  const fullUrl = (key: string, isFull: boolean): string => {
    const viewPanel = isFull ? undefined : key
    if (!isEmbedded) return withQuery({ viewPanel })
    return pathOf(board.uid, scope, key)
  }
  const view = (placed: PlacedPanel, isFull = false) => (
    <PanelView
      key={placed.key}
      uid={board.uid}
      placed={placed}
      scope={scope}
      refreshes={refreshes}
      isFull={isFull}
      fullUrl={fullUrl(placed.key, isFull)}
    />
  )
  const alone = isEmbedded ? null : query.value.get('viewPanel')
  const full = sections.flatMap(({ panels }) => panels).find(({ key }) => key === alone)
  if (full) return <div class="full-panel">{view(full, true)}</div>
  const toggle = (key: string) => {
    const next = new Set(toggled)
    if (!next.delete(key)) next.add(key)
    setToggled(next)
  }
  return (
    <div ref={element} class={`sections ${isFitting ? 'fitting' : ''}`}>
      {sections.map((section) => (
        <SectionView key={section.key} section={section} scope={scope} onToggle={() => toggle(section.key)}>
          {section.panels.map((placed) => (
            <div class="cell" key={placed.key} style={cellStyle(placed)}>
              {view(placed)}
            </div>
          ))}
        </SectionView>
      ))}
    </div>
  )
}

function cellStyle({ position: { x, y, w, h } }: PlacedPanel): Record<string, number> {
  return { '--x': x + 1, '--y': y + 1, '--w': w, '--h': h }
}

interface SectionViewProps {
  readonly section: Section
  readonly scope: PanelScope
  readonly onToggle: () => void
  readonly children: ComponentChildren
}

function SectionView({ section, scope, onToggle, children }: SectionViewProps) {
  const { row, isCollapsed, scoped, height } = section
  return (
    <>
      {row && (
        <h2 class="row-title">
          <button type="button" aria-expanded={!isCollapsed} onClick={onToggle}>
            <span aria-hidden="true">{isCollapsed ? '▸' : '▾'}</span> {textOf(row.title ?? '', { ...scope, scoped })}
          </button>
        </h2>
      )}
      {!isCollapsed && (
        <div class="grid" style={{ '--rows': height }}>
          {children}
        </div>
      )}
    </>
  )
}

/** Gives a board the height that is left below it on the screen. */
function useFit(element: { readonly current: HTMLElement | null }, isFitting: boolean): void {
  useLayoutEffect(() => {
    const target = element.current
    if (!target || !isFitting) return
    const fit = () => {
      const top = target.getBoundingClientRect().top + scrollY
      target.style.setProperty('--fit-height', `${Math.floor(innerHeight - top)}px`)
    }
    fit()
    const size = new ResizeObserver(fit)
    // What stands above it may grow: a band or a notice appears.
    size.observe(document.body)
    for (const child of document.querySelectorAll('#app > *')) size.observe(child)
    addEventListener('resize', fit)
    return () => {
      size.disconnect()
      removeEventListener('resize', fit)
    }
  }, [isFitting])
}

interface BoardLinksProps {
  readonly links: readonly BoardLink[]
  readonly scope: PanelScope
  readonly uid: string
}

/** Links of the board itself; those to all boards of a tag are behind one word, for they are many. */
function BoardLinks({ links, scope, uid }: BoardLinksProps) {
  const withSuffix = (url: string, { keepTime, includeVars }: BoardLink) => {
    const added = new URLSearchParams([
      ...(keepTime ? Object.entries(scope.range) : []),
      ...(includeVars ? variableQuery(scope.choices) : []),
    ]).toString()
    return added === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${added}`
  }
  const inGrafana = grafanaUrl(grafana.value, pathOf(uid, scope))
  if (links.length === 0 && inGrafana === undefined) return null
  return (
    <nav class="board-links" aria-label={boardWord('links')}>
      {links.map((link) => {
        if (link.type === 'link') {
          const href = withSuffix(urlOf(link.url, { ...scope, scoped: {} }), link)
          return (
            <a key={href} href={href} {...(link.targetBlank && { target: '_blank', rel: 'noopener' })}>
              {link.title}
            </a>
          )
        }
        const tagged = boards.value.filter(
          ({ uid: other, tags }) => other !== uid && link.tags?.every((tag) => tags.includes(tag)),
        )
        return (
          <details key={link.title}>
            <summary>{link.title || boardWord('links')}</summary>
            <ul>
              {tagged.map(({ uid: other, title }) => (
                <li key={other}>
                  <a href={withSuffix(`/d/${other}`, link)}>{title[language.value]}</a>
                </li>
              ))}
            </ul>
          </details>
        )
      })}
      {inGrafana !== undefined && (
        <a href={inGrafana} target="_blank" rel="noopener noreferrer">
          {boardWord('grafana')}
        </a>
      )}
    </nav>
  )
}

/** The board in the viewer's language; asked for again while the centre is away. */
function useBoard(uid: string): Board | undefined {
  const board = useJson<Board>(`/api/boards/${encodeURIComponent(uid)}?language=${language.value}`)
  useLayoutEffect(() => {
    if (!board) return
    const { from = 'now-6h', to = 'now' } = board.time ?? {}
    boardTime.value = { from, to, refresh: board.refresh ?? '' }
  }, [board])
  return board
}

/** The choices of the variables. Those of the last address stay until the new ones are there. */
function useVariables(
  uid: string,
  board: Board | undefined,
  chosen: URLSearchParams,
): BoardVariables['variables'] | undefined {
  const list = board?.templating?.list ?? []
  const asked = new URLSearchParams([...chosen].filter(([name]) => name.startsWith('var-'))).toString()
  const url = list.length === 0 ? undefined : `/api/boards/${encodeURIComponent(uid)}/variables?${asked}`
  const { value, isFailing } = useJsonState<BoardVariables>(url)
  useEffect(() => {
    if (isFailing) storeAway.value = true
    else if (value) storeAway.value = false
  }, [isFailing, value])
  // Without choices the panels still say why they have no data; a blank page would say nothing.
  return list.length === 0 ? noVariables : (value?.variables ?? (isFailing ? noVariables : undefined))
}

const noVariables: BoardVariables['variables'] = {}

/** Counts the refreshes that are due. A page that nobody sees asks for nothing, and catches up when it is seen. */
function useDueRefreshes(): number {
  const [due, setDue] = useState(0)
  const ms = intervalMs(refreshInterval.value)
  useEffect(() => {
    if (ms === undefined) return
    const count = () => {
      if (!document.hidden) setDue((before) => before + 1)
    }
    const timer = setInterval(count, ms)
    document.addEventListener('visibilitychange', count)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', count)
    }
  }, [ms])
  return due
}
