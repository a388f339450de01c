import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Domain, domains } from '../indicators/table.ts'
import { sayBands, sayLevels, sayWindow } from '../indicators/words.ts'

/** The page that `npm run docs` writes. */
export const indicatorsPage = join(import.meta.dirname, '../../docs/indicators.md')

/** What the page must hold: every indicator, as its declaration says it. */
export function indicatorsText(all: readonly Domain[] = domains): string {
  return `${[head, ...all.map(domainText)].join('\n\n')}\n`
}

const head = `# Indicators

All indicators of the stream processor. \`npm run docs\` generates this page from the declarations in
\`stream-processor/indicators/\`; \`npm run check\` verifies it. \`ioc explain ID --at TIME --key KEY\` shows how a value was
computed.

The timestamp of a value is the end of its window. Calendar windows end at midnight in Asia/Ho_Chi_Minh. Verify
**unconfirmed** parts before you rely on a value.`

function domainText({ title, indicators }: Domain): string {
  return [`## ${title.vi} · ${title.en}`, ...indicators.map(indicatorText)].join('\n\n')
}

function indicatorText(indicator: Domain['indicators'][number]): string {
  const { id, title, unit, window, scopes, by, levels, bands, target, formula, reference, unconfirmed } = indicator
  const lines = [
    ['unit', `\`${unit}\``],
    ['window', sayWindow(window)],
    ['scopes', scopes.join(', ')],
    ['grouped by', by && `\`${by}\``],
    ['source', sourceText(indicator)],
    ['formula', formula],
    ['levels', levels && sayLevels(levels)],
    ['bands', bands && sayBands(bands)],
    ['target', target],
    ['reference', reference],
    ['**unconfirmed**', unconfirmed],
  ].flatMap(([name, text]) => (text === undefined ? [] : [`- ${name}: ${text}`]))
  return [`### ${id}`, `${title.vi} · ${title.en}`, lines.join('\n')].join('\n\n')
}

function sourceText(indicator: Domain['indicators'][number]): string {
  if (indicator.kind === 'cases') return `cases of type \`${indicator.source}\``
  if (indicator.kind === 'completeness') return 'the registry of devices'
  if (indicator.kind === 'measured') return `measurements of \`${indicator.source}\``
  return Object.values(indicator.inputs)
    .map(({ indicator: { id }, values }) => `${values === 1 ? 'the value' : `${values} values`} of [${id}](#${id})`)
    .join(', ')
}

if (import.meta.main) {
  if (!process.argv.includes('--check')) writeFileSync(indicatorsPage, indicatorsText())
  else if (!existsSync(indicatorsPage) || readFileSync(indicatorsPage, 'utf8') !== indicatorsText()) {
    process.stderr.write('docs/indicators.md does not match the declarations: run "npm run docs"\n')
    process.exitCode = 1
  }
}
