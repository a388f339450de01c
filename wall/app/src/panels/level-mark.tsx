import type { Level } from '@ioc/contract/messages/live.ts'
import { sayLevel } from '../words.ts'
import './level-mark.css'

const shapes: Readonly<Record<Exclude<Level, 0>, string>> = {
  1: 'M8 1.5 15 14.5H1Z',
  2: 'M8 .8 15.2 8 8 15.2 .8 8Z',
  3: 'M2 2H14V14H2Z',
}

export function levelWord(level: Level): string {
  return level === 0 ? '' : sayLevel(level)
}

/** A text without the shape that a board puts before it for Grafana, which draws none of its own. */
export const withoutShape = (text: string): string => text.replace(/^[▲◆■◌] /, '')

/** The shape of a level, in its colour with an edge that shows on every ground. */
export function LevelShape({ level }: { readonly level: Level }) {
  if (level === 0) return null
  return (
    <svg class={`level-shape level-${level}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={shapes[level]} />
    </svg>
  )
}

/** Shape and word of a level, where that is not normal; `brief`: the word is only read aloud. */
export function LevelMark({ level, brief = false }: { readonly level: Level; readonly brief?: boolean }) {
  if (level === 0) return null
  if (!brief) {
    return (
      <span class={`level-mark level-${level}`}>
        <LevelShape level={level} />
        <span class="level-word">{levelWord(level)}</span>
      </span>
    )
  }
  return (
    <span class="level-brief" title={levelWord(level)}>
      <LevelShape level={level} />
      <span class="only-aloud">{levelWord(level)}</span>
    </span>
  )
}
