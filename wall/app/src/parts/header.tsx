import { formatDate, formatTime } from '../format.ts'
import { language, type Theme, theme } from '../preferences.ts'
import { brokerHeard, link, now } from '../state.ts'
import { say } from '../words.ts'

const themeWords = { auto: 'themeAuto', light: 'themeLight', dark: 'themeDark' } as const
const themeIcons = { auto: '◐', light: '○', dark: '●' } as const
const nextTheme: Readonly<Record<Theme, Theme>> = { auto: 'light', light: 'dark', dark: 'auto' }

export function Header() {
  document.title = say('title')
  return (
    <header>
      <h1>
        <span class="long">{say('title')}</span>
        <span class="short" aria-hidden="true">
          {say('shortTitle')}
        </span>
      </h1>
      <Connection />
      <Clock />
      <fieldset class="switches">
        <legend class="hidden">Tiếng Việt / English</legend>
        {(['vi', 'en'] as const).map((code) => (
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
            {code.toUpperCase()}
          </button>
        ))}
        <button
          type="button"
          title={say(themeWords[theme.value])}
          aria-label={say(themeWords[theme.value])}
          data-testid="theme"
          onClick={() => {
            theme.value = nextTheme[theme.value]
          }}
        >
          {themeIcons[theme.value]}
        </button>
      </fieldset>
    </header>
  )
}

function Connection() {
  const state = link.value === 'live' && !brokerHeard.value ? 'cut' : link.value
  return (
    <p class={`connection ${state}`} data-testid="connection" data-state={state}>
      <span class="dot" aria-hidden="true" />
      {say(state)}
    </p>
  )
}

function Clock() {
  return (
    <p class="clock">
      <time data-testid="clock" dateTime={new Date(now.value).toISOString()}>
        {formatTime(now.value)}
      </time>
      <span class="date">{formatDate(now.value)}</span>
    </p>
  )
}
