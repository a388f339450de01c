import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { appDist } from '../server/pages.ts'

const executablePath = '/usr/bin/chromium'
const isPresent = existsSync(executablePath)
if (!isPresent) console.warn(`skipped: tests in a browser (${executablePath} is missing)`)

/** Whether tests in a browser run; where everything real is required, they fail without one. */
export const canBrowse = isPresent || process.env['IOC_REQUIRE_REAL'] === '1'

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--enable-unsafe-swiftshader',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Without a locale, Chromium saves no file with a Vietnamese name. */
const env = { LANG: 'C.UTF-8', ...process.env } as Record<string, string>

/** Starts Chromium, with further flags. */
export const launchChromium = (...more: readonly string[]): Promise<Browser> =>
  chromium.launch({ executablePath, env, args: [...args, ...more] })

/** Starts Chromium for the page that the wall serves, which is built first when a source is newer. */
export function launchBrowser(...more: readonly string[]): Promise<Browser> {
  buildIfNeeded()
  return launchChromium(...more)
}

/** Everything that a page complains about; the store is away in most tests, and the browser logs each 503. */
export function problemsOf(page: Page): string[] {
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/\b50[03]\b|\b404\b/.test(message.text())) problems.push(message.text())
  })
  return problems
}

/** Resolves when an element of the selector has the text. */
export const waitForText = (page: Page, selector: string, expected: string | RegExp): Promise<void> =>
  page.locator(selector).filter({ hasText: expected }).first().waitFor()

/** Builds the page when a source is newer: the bundle of another state of the sources would be tested in its place. */
function buildIfNeeded(): void {
  const root = join(import.meta.dirname, '../..')
  const changed = (path: string): number => (existsSync(path) ? statSync(path).mtimeMs : 0)
  const sources = ['wall/app', 'wall/shared', 'contract'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(appDist))
      .map((entry) => changed(join(entry.parentPath, entry.name))),
  )
  if (changed(join(appDist, 'index.html')) > Math.max(...sources)) return
  execFileSync(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build', 'wall/app'], { cwd: root })
}
