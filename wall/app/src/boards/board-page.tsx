import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Board, BoardLink } from '../../../shared/boards/board.ts'
import type { BoardVariables } from '../../../shared/boards/panel-data.ts'
import { language } from '../preferences.ts'
import { boards } from '../shell/boards.ts'
import { homeUid, query } from '../shell/location.ts'
import { boardTime, intervalMs, rawRange, refreshes, refreshInterval } from '../shell/time.ts'
import { connections } from '../state.ts'
import { BoardContext } from './context.ts'
import { loadDeviceNames } from './district-names.ts'
import { type PlacedPanel, type Section, sectionsOf } from './layout.ts'
import { type LinkScope, textOf, urlOf } from './links.ts'
import { PanelView } from './panel-view.tsx'
import type { Refreshes } from './use-panel-data.ts'
import { choicesOf, singleValues, variableQuery } from './variables.ts'
import { VariablesBar } from './variables-bar.tsx'
import { boardWord } from './words.ts'
import './boards.css'

const retryMs = 5_000
/** Boards that fill the screen and do not scroll, where it is wide enough. */
const fittingBoards: ReadonlySet<string> = new Set([homeUid])

/** A board at Grafana's address: its variables, and its panels on their grid. */
export function BoardPage({ uid }: { readonly uid: string }) {
  const board = useBoard(uid)
  const variables = useVariables(uid, board)
  const due = useDueRefreshes()
  const refreshed = { asked: refreshes.value + connections.value, due }
  useEffect(loadDeviceNames, [])
  const choices = useMemo(
    () => (board && variables ? choicesOf(board, query.value, variables) : []),
    [board, variables, query.value],
  )
  if (!board || !variables)
    return (
      <p class="board-note" role="status">
        {boardWord('boardLoading')}…
      </p>
    )
  const scope: PanelScope = { choices, range: rawRange.value, all: boardWord('all') }
  return (
    <BoardContext.Provider value={noMarks}>
      <div class="board" data-testid={`board-${uid}`}>
        {/* The home board keeps its height for its panels: the menu leads to every board. */}
        {!fittingBoards.has(uid) && (
          <div class="board-bar">
            <VariablesBar choices={choices} />
            <BoardLinks links={board.links ?? []} scope={scope} uid={uid} />
          </div>
        )}
        <Grid board={board} scope={scope} refreshes={refreshed} />
      </div>
    </BoardContext.Provider>
  )
}

type PanelScope = Omit<LinkScope, 'scoped'>
const noMarks = { marks: [] }

interface GridProps {
  readonly board: Board
  readonly scope: PanelScope
  readonly refreshes: Refreshes
}

function Grid({ board, scope, refreshes }: GridProps) {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set())
  const element = useRef<HTMLDivElement>(null)
  const isFitting = fittingBoards.has(board.uid)
  useFit(element, isFitting)
  const valuesOf = (name: string) => {
    const choice = scope.choices.find(({ variable }) => variable.name === name)
    return choice ? singleValues(choice) : []
  }
  const sections = sectionsOf(board.panels, valuesOf, (key) => toggled.has(key))
  const view = (placed: PlacedPanel, isFull = false) => (
    <PanelView key={placed.key} uid={board.uid} placed={placed} scope={scope} refreshes={refreshes} isFull={isFull} />
  )
  const full = sections.flatMap(({ panels }) => panels).find(({ key }) => key === query.value.get('viewPanel'))
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
  if (links.length === 0) return null
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
function useVariables(uid: string, board: Board | undefined): BoardVariables['variables'] | undefined {
  const list = board?.templating?.list ?? []
  const asked = new URLSearchParams([...query.value].filter(([name]) => name.startsWith('var-'))).toString()
  const url = list.length === 0 ? undefined : `/api/boards/${encodeURIComponent(uid)}/variables?${asked}`
  const answer = useJson<BoardVariables>(url)
  return list.length === 0 ? noVariables : answer?.variables
}

const noVariables: BoardVariables['variables'] = {}

/** Reads JSON, again at each new connection; the last answer stays until the next one. */
function useJson<T>(url: string | undefined): T | undefined {
  const [answer, setAnswer] = useState<T>()
  const connection = connections.value
  useEffect(() => {
    if (url === undefined) return
    const abort = new AbortController()
    let retry: ReturnType<typeof setTimeout> | undefined
    const load = async (): Promise<void> => {
      try {
        const response = await fetch(url, { signal: abort.signal })
        if (!response.ok) throw new Error(`HTTP ${response.status}`)
        setAnswer((await response.json()) as T)
      } catch {
        if (!abort.signal.aborted) retry = setTimeout(load, retryMs)
      }
    }
    void load()
    return () => {
      abort.abort()
      clearTimeout(retry)
    }
  }, [url, connection])
  return answer
}

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
