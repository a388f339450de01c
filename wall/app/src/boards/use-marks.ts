import { useMemo } from 'preact/hooks'
import type { Board } from '../../../shared/boards/board.ts'
import type { BoardAnnotations } from '../../../shared/boards/panel-data.ts'
import { cssColour } from '../fields/colours.ts'
import { language } from '../preferences.ts'
import type { BoardScope, TimeMark } from './context.ts'
import { useJson } from './use-json.ts'
import type { Refreshes } from './use-panel-data.ts'
import { type Choice, variableQuery } from './variables.ts'

/** The events that the charts of a board mark. Without its annotations, or without events, there are none. */
export function useMarks(
  board: Board | undefined,
  choices: readonly Choice[],
  range: { readonly from: string; readonly to: string },
  { asked, due }: Refreshes,
): BoardScope {
  const isMarked = board?.annotations?.list.some(({ enable, query, target }) => enable && (query ?? target?.query))
  const url = board && isMarked ? marksUrl(board.uid, choices, range) : undefined
  const answer = useJson<BoardAnnotations>(url, asked + due)
  return useMemo(() => ({ marks: url === undefined ? [] : (answer?.marks ?? []).map(markOf) }), [answer, url])
}

function marksUrl(uid: string, choices: readonly Choice[], range: { readonly from: string; readonly to: string }) {
  const { from, to } = range
  const query = new URLSearchParams([
    ...Object.entries({ from, to, language: language.value }),
    ...variableQuery(choices),
  ])
  return `/api/boards/${encodeURIComponent(uid)}/annotations?${query}`
}

function markOf({ from, to, name, colour, title, text }: BoardAnnotations['marks'][number]): TimeMark {
  const words = [title || name, text].filter((part) => part !== '')
  return { from, to, colour: cssColour(colour) ?? 'var(--muted)', text: words.join(': ') }
}
