import { isDark, theme } from '../preferences.ts'
import { closeDialog, Dialog, openDialog } from './dialog.tsx'
import { toggleFullScreen } from './full-screen.ts'
import { kiosk, leaveKiosk, toggleKiosk } from './kiosk.ts'
import { boardUrl, homeUid, navigate } from './location.ts'
import { refreshNow } from './time.ts'
import { sayShell } from './words.ts'

/** Between the two keys of `g h`, in ms. */
const maxSequenceMs = 1_500

const single: Readonly<Record<string, () => void>> = {
  t: () => open('time'),
  m: () => open('menu'),
  '/': () => open('search'),
  '?': () => open('help'),
  r: refreshNow,
  f: toggleFullScreen,
  k: toggleKiosk,
  d: () => {
    theme.value = isDark() ? 'light' : 'dark'
  },
}

function open(name: NonNullable<typeof openDialog.value>): void {
  openDialog.value = name
}

/** Listens for the keys that `ShortcutHelp` lists, where nobody is typing. */
export function startShortcuts(): void {
  let goPressed = Number.NEGATIVE_INFINITY
  addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') {
      event.preventDefault()
      open('search')
      return
    }
    if (event.isComposing || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    // The browser reports a closed dialog a little later, when the next key may have been pressed.
    if (document.querySelector('dialog[open]') || isTyping(event.target)) return
    if (event.key === 'Escape') {
      if (kiosk.peek() && !document.fullscreenElement) leaveKiosk()
      return
    }
    const follows = performance.now() - goPressed < maxSequenceMs
    goPressed = Number.NEGATIVE_INFINITY
    if (follows && event.key === 'h') {
      event.preventDefault()
      navigate(boardUrl(homeUid))
      return
    }
    if (event.key === 'g') {
      goPressed = performance.now()
      return
    }
    const action = Object.hasOwn(single, event.key) ? single[event.key] : undefined
    if (!action) return
    event.preventDefault()
    action()
  })
}

/** A field of a dialog that was closed keeps the focus until the next frame: nobody types in it. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement) || target.closest('dialog:not([open])')) return false
  return target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)
}

export function ShortcutHelp() {
  const rows: readonly (readonly [keys: readonly string[], joint: string, text: string])[] = [
    [['g', 'h'], sayShell('thenKey'), sayShell('shortcutHome')],
    [['/', 'Ctrl K'], sayShell('orKey'), sayShell('shortcutSearch')],
    [['m'], '', sayShell('shortcutMenu')],
    [['t'], '', sayShell('timeRange')],
    [['r'], '', sayShell('refresh')],
    [['f'], '', sayShell('fullScreen')],
    [['k'], '', sayShell('kiosk')],
    [['d'], '', sayShell('shortcutTheme')],
    [['?'], '', sayShell('shortcutHelp')],
    [['Esc'], '', sayShell('shortcutLeave')],
  ]
  return (
    <Dialog name="help" label={sayShell('shortcuts')}>
      <button type="button" class="close" onClick={closeDialog}>
        {sayShell('close')}
      </button>
      <h2>{sayShell('shortcuts')}</h2>
      <dl class="shortcuts">
        {rows.map(([keys, joint, text]) => (
          <div key={keys.join()}>
            <dt>
              {keys.map((key, position) => (
                <span key={key}>
                  {position > 0 && ` ${joint} `}
                  <kbd>{key}</kbd>
                </span>
              ))}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
