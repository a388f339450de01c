import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { domains } from '../indicators/table.ts'
import { type Examples, pagesOf } from './pages.ts'

/** The folder that `npm run docs` writes. */
const folder = join(import.meta.dirname, '../../docs/indicators')
/** Values of the simulated district, as `GET /api/indicators` gave them. */
const examplesFile = join(import.meta.dirname, 'examples.json')

const examples = JSON.parse(readFileSync(examplesFile, 'utf8')) as Examples
const pages = pagesOf(domains, examples)
const written = existsSync(folder) ? readdirSync(folder) : []
const obsolete = written.filter((name) => !pages.has(name))

if (process.argv.includes('--check')) {
  const differs = [...pages].some(
    ([name, text]) => !written.includes(name) || readFileSync(join(folder, name), 'utf8') !== text,
  )
  if (differs || obsolete.length > 0) {
    process.stderr.write('docs/indicators does not match the declarations: run "npm run docs"\n')
    process.exitCode = 1
  }
} else {
  mkdirSync(folder, { recursive: true })
  for (const name of obsolete) rmSync(join(folder, name))
  for (const [name, text] of pages) writeFileSync(join(folder, name), text)
}
