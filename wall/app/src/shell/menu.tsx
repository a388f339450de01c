import type { BoardEntry } from '../../../shared/boards/panel-data.ts'
import { AccountSection } from '../account/account-section.tsx'
import { session } from '../account/session.ts'
import { printPage } from '../boards/printing.ts'
import { sayCamera } from '../cameras/words.ts'
import { sayIncident } from '../incidents/words.ts'
import { isTechnician } from '../nodes/agents.tsx'
import { sayNodes } from '../nodes/words.ts'
import { language, type Theme, theme } from '../preferences.ts'
import { boards, menu } from './boards.ts'
import { closeDialog, Dialog, openDialog } from './dialog.tsx'
import { toggleFullScreen } from './full-screen.ts'
import { enterKiosk, startSlideshow } from './kiosk.ts'
import { boardUrl, route } from './location.ts'
import { sayGroupTitle, sayShell } from './words.ts'

const themes: readonly (readonly [Theme, 'themeAuto' | 'themeLight' | 'themeDark'])[] = [
  ['auto', 'themeAuto'],
  ['light', 'themeLight'],
  ['dark', 'themeDark'],
]
const languages = [
  ['vi', 'Tiếng Việt'],
  ['en', 'English'],
] as const

const workPages = [
  ['/incidents', 'incidents', 'incidents'],
  ['/my', 'my', 'mine'],
  ['/maintenance', 'maintenance', 'maintenance'],
  ['/rota', 'rota', 'rota'],
  ['/reports/availability', 'availability', 'availability'],
] as const

/** The boards by group, and how the page is shown. On a phone it is a sheet over the page. */
export function Menu() {
  return (
    <Dialog name="menu" label={sayShell('menu')}>
      <button type="button" class="close" onClick={closeDialog}>
        {sayShell('close')}
      </button>
      <nav aria-label={sayIncident('work')}>
        <section>
          <h2>{sayIncident('work')}</h2>
          <ul>
            {workPages.map(([href, page, word]) => (
              <li key={href}>
                <a href={href} aria-current={route.value.page === page ? 'page' : undefined} onClick={closeDialog}>
                  {sayIncident(word)}
                </a>
              </li>
            ))}
            <li>
              <a
                href="/cameras"
                aria-current={route.value.page === 'cameras' ? 'page' : undefined}
                onClick={closeDialog}
              >
                {sayCamera('cameras')}
              </a>
            </li>
            {isTechnician(session.value?.user) && (
              <li>
                <a href="/nodes" aria-current={route.value.page === 'nodes' ? 'page' : undefined} onClick={closeDialog}>
                  {sayNodes('nodes')}
                </a>
              </li>
            )}
          </ul>
        </section>
      </nav>
      <nav aria-label={sayShell('boards')}>
        {boards.value.length === 0 && <p class="muted">{sayShell('noBoards')}</p>}
        {menu.value.map(({ group, entries }) =>
          group === 'types' ? (
            <details key={group} open={entries.some(({ uid }) => isOpen(uid))}>
              <summary>{`${sayGroupTitle(group)} (${entries.length})`}</summary>
              <BoardLinks entries={entries} />
            </details>
          ) : (
            <section key={group}>
              <h2>{sayGroupTitle(group)}</h2>
              <BoardLinks entries={entries} />
            </section>
          ),
        )}
      </nav>
      <section class="settings">
        <h2>{sayShell('settings')}</h2>
        <fieldset class="choice">
          <legend>{sayShell('language')}</legend>
          {languages.map(([code, name]) => (
            <button
              key={code}
              type="button"
              lang={code}
              aria-pressed={language.value === code}
              data-testid={`language-${code}`}
              onClick={() => {
                language.value = code
              }}
            >
              {name}
            </button>
          ))}
        </fieldset>
        <fieldset class="choice">
          <legend>{sayShell('theme')}</legend>
          {themes.map(([value, word]) => (
            <button
              key={value}
              type="button"
              aria-pressed={theme.value === value}
              data-testid={`theme-${value}`}
              onClick={() => {
                theme.value = value
              }}
            >
              {sayShell(word)}
            </button>
          ))}
        </fieldset>
        <ul class="actions">
          <Action label={sayShell('slideshow')} keys="" hint={sayShell('slideshowHint')} act={startSlideshow} />
          <Action label={sayShell('kiosk')} keys="k" act={enterKiosk} />
          <Action label={sayShell('fullScreen')} keys="f" act={toggleFullScreen} />
          <Action label={sayShell('print')} keys="" act={() => void printPage()} />
          <Action
            label={sayShell('shortcuts')}
            keys="?"
            act={() => {
              openDialog.value = 'help'
            }}
          />
        </ul>
      </section>
      <AccountSection />
    </Dialog>
  )
}

function BoardLinks({ entries }: { readonly entries: readonly BoardEntry[] }) {
  return (
    <ul>
      {entries.map(({ uid, title }) => (
        <li key={uid}>
          <a href={boardUrl(uid)} aria-current={isOpen(uid) ? 'page' : undefined} onClick={closeDialog}>
            {title[language.value]}
          </a>
        </li>
      ))}
    </ul>
  )
}

function isOpen(uid: string): boolean {
  const open = route.value
  return open.page === 'board' && open.uid === uid
}

interface ActionProps {
  readonly label: string
  readonly keys: string
  readonly hint?: string
  readonly act: () => void
}

function Action({ label, keys, hint, act }: ActionProps) {
  return (
    <li>
      <button
        type="button"
        onClick={() => {
          closeDialog()
          act()
        }}
      >
        <span>
          {label}
          {hint !== undefined && <small>{hint}</small>}
        </span>
        {keys !== '' && <kbd>{keys}</kbd>}
      </button>
    </li>
  )
}
