import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TargetsFile } from '@ioc/contract/district/targets.ts'
import type { ApiIndicators } from '@ioc/contract/messages/api.ts'
import { scopes } from '@ioc/contract/messages/live.ts'
import { parseYamlFile } from '@ioc/runtime/district/yaml-file.ts'
import { Compile } from 'typebox/compile'
import { domains } from '../indicators/table.ts'
import { type Example, type Examples, pagesOf } from './pages.ts'

/** The folder that `npm run docs` writes. */
const folder = join(import.meta.dirname, '../../docs/indicators')
const targetsFile = join(import.meta.dirname, '../../district/targets.yaml')
/** Values of the simulated district, as `GET /api/indicators` gave them. */
const examplesFile = join(import.meta.dirname, 'examples.json')

const from = process.argv.indexOf('--examples')
if (from !== -1) await saveExamples(process.argv[from + 1] ?? 'http://127.0.0.1:8080')

const examples = JSON.parse(readFileSync(examplesFile, 'utf8')) as Examples
const { targets } = parseYamlFile(targetsFile, readFileSync(targetsFile, 'utf8'), Compile(TargetsFile)).content
const pages = pagesOf(domains, { examples, targets })
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

/** Takes an example value of each indicator from a centre that runs the demonstration: of the widest scope that has one. */
async function saveExamples(url: string): Promise<void> {
  const response = await fetch(`${url}/api/indicators`)
  if (!response.ok) throw new Error(`${url}/api/indicators: ${response.status}`)
  const { indicators } = (await response.json()) as ApiIndicators
  const examples = indicators.flatMap(({ id, by, latest }): (readonly [string, Example])[] => {
    for (const scope of scopes.toReversed()) {
      const [key, found] = Object.entries(latest[scope] ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))[0] ?? []
      if (key === undefined || !found) continue
      const end = by === undefined ? key.length : key.lastIndexOf('/')
      const group = by === undefined ? {} : { group: key.slice(end + 1) }
      return [[id, { value: Number(found.value.toPrecision(6)), key: key.slice(0, end), ...group }]]
    }
    return []
  })
  writeFileSync(examplesFile, `${JSON.stringify(Object.fromEntries(examples.sort()), null, 2)}\n`)
}
