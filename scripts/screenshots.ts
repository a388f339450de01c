// Takes the screenshots of docs/boards/ from a running wall: node scripts/screenshots.ts [address of the wall]
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'

const folder = join(import.meta.dirname, '..', 'docs', 'boards')
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const [wall = 'http://127.0.0.1:8080'] = process.argv.slice(2)

/** The wall's own size, drawn at five sixths of it, so that a file is 1600 px wide. */
const screen = { viewport: { width: 1920, height: 1080 }, deviceScaleFactor: 1600 / 1920 }
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 }
const quality = 80

interface Shot {
  readonly file: string
  readonly uid: string
  readonly language?: 'vi' | 'en'
  readonly theme?: 'light' | 'dark'
  readonly size?: typeof screen
}

const named = [
  ...['home', 'public-services', 'citizens', 'health', 'education', 'tourism', 'budget', 'business', 'land'],
  ...['socio-economic', 'environment', 'forest', 'traffic', 'security', 'devices', 'centre', 'analysis', 'type-river'],
]

const shots: readonly Shot[] = [
  ...named.map((name) => ({ file: name, uid: `ioc-${name}` })),
  { file: 'home-dark-english', uid: 'ioc-home', language: 'en', theme: 'dark' },
  { file: 'home-phone', uid: 'ioc-home', size: phone },
]

/** Waits until every panel that is on the screen shows something other than that it is loading. */
async function settled(page: Page): Promise<void> {
  await page.waitForSelector('.panel-body')
  // A text, because types of the browser are not known here.
  await page.waitForFunction(`[...document.querySelectorAll('.panel-body')]
    .filter((body) => body.getBoundingClientRect().top < innerHeight)
    .every((body) => body.firstElementChild && !body.querySelector('.panel-loading'))`)
  // The map fits the district and lays out its labels after its first frames.
  await page.waitForLoadState('networkidle')
}

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--enable-unsafe-swiftshader'] })
mkdirSync(folder, { recursive: true })
try {
  for (const { file, uid, language = 'vi', theme = 'light', size = screen } of shots) {
    // Playwright evaluates what it waits for, which the policy of the page forbids.
    const context = await browser.newContext({ ...size, bypassCSP: true })
    await context.addInitScript(
      ([chosenTheme, chosenLanguage]) => {
        localStorage.setItem('ioc.theme', chosenTheme)
        localStorage.setItem('ioc.language', chosenLanguage)
      },
      [theme, language] as const,
    )
    const page = await context.newPage()
    await page.goto(`${wall}/d/${uid}`)
    await settled(page)
    writeFileSync(join(folder, `${file}.jpg`), await page.screenshot({ type: 'jpeg', quality }))
    await context.close()
  }
} finally {
  await browser.close()
}
