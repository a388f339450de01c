import { openDialog } from '../shell/dialog.tsx'
import { sayPage } from './words.ts'

const titles = {
  page: 'unknownPage',
  board: 'unknownBoard',
  site: 'unknownSite',
  device: 'unknownDevice',
  incident: 'unknownIncident',
} as const

interface UnknownPageProps {
  readonly what: keyof typeof titles
  readonly name: string
}

/** Of an address that names nothing: says what was looked for, and where to go on. */
export function UnknownPage({ what, name }: UnknownPageProps) {
  return (
    <section class="message-page" data-testid="unknown">
      <h2>{sayPage(titles[what])}</h2>
      <p>
        <code>{name}</code>
      </p>
      <p>{sayPage('unknownHint')}</p>
      <p class="ways">
        <a class="primary" href="/">
          {sayPage('toHome')}
        </a>
        <button
          type="button"
          onClick={() => {
            openDialog.value = 'search'
          }}
        >
          {sayPage('toSearch')}
        </button>
      </p>
    </section>
  )
}
