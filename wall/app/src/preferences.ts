import { effect, signal } from '@preact/signals'

export type Language = 'vi' | 'en'
export type Theme = 'auto' | 'light' | 'dark'

/** What the viewer chose, kept in this browser. */
export const language = signal<Language>(stored('ioc.language', ['vi', 'en'], 'vi'))
export const theme = signal<Theme>(stored('ioc.theme', ['auto', 'light', 'dark'], 'auto'))

const darkSystem = matchMedia('(prefers-color-scheme: dark)')
const systemIsDark = signal(darkSystem.matches)

/** Whether the page is dark now, by choice or as the system is. */
export const isDark = (): boolean => theme.value === 'dark' || (theme.value === 'auto' && systemIsDark.value)

/** Puts the choices on the document, and keeps them there. */
export function applyPreferences(): void {
  darkSystem.addEventListener('change', (event) => {
    systemIsDark.value = event.matches
  })
  effect(() => {
    document.documentElement.lang = language.value
    keep('ioc.language', language.value)
  })
  effect(() => {
    document.documentElement.dataset['theme'] = isDark() ? 'dark' : 'light'
    keep('ioc.theme', theme.value)
  })
}

function stored<T extends string>(key: string, allowed: readonly T[], fallback: T): T {
  try {
    const value = localStorage.getItem(key)
    return allowed.find((item) => item === value) ?? fallback
  } catch {
    // A browser may forbid storage; the page then forgets.
    return fallback
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // As above.
  }
}
