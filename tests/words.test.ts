import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { parseAst } from 'vite'
import { expect, test } from 'vitest'

/** Phrases that a reader of this field would stumble over, each with what to write instead. */
const phrases: readonly (readonly [RegExp, string])[] = [
  [/\blet(s|ting)? go of\b/i, 'evict, expire'],
  [/\bgive[sn]? out\b/i, 'emit, publish, write'],
  [/\b(take[ns]?|took) back\b/i, 'retract (a result), reclaim (memory)'],
  [/\bheard of\b|\bhears (the|of|from)\b/i, 'received, connected to'],
  [/\b(is|are|was|were) told\b/i, 'receive, is notified'],
  [/\bsays? of (itself|themselves)\b/i, 'reports'],
  [/\banew\b/i, 'again; recompute, restart'],
  [/\bcame to be\b/i, 'was computed'],
  [/\bknows? (no|nothing|of)\b/i, 'has no, does not support'],
  [/\bstands? (here|there|beside|in)\b/i, 'is in, is listed'],
  [/\b(asks?|asked) for (a|no|one|none)\b/i, 'requires'],
  [/\bsay --/i, 'pass --option'],
  [/\bfor ever\b/i, 'permanently, without limit'],
  [/(?<!\bthere )\b(is|are) no (?!longer\b)[a-z]/i, 'is not a, does not'],
  [
    /(^|[\n.:;,] ?)what (is|was|are|were|has|cannot|comes|stands) [^?]*?[.;\n]/i,
    'name the thing: values that are not numbers',
  ],
  [/\bshow the token\b/i, 'missing bearer token'],
  [/\bthe log says what\b/i, 'see the server log'],
  [/\b(is|are) whole\b/i, 'intact, complete; the check passed'],
  [/\btall(y|ies|ied)\b/i, 'accumulator, count'],
  [/\bverdicts?\b|\bjudged?\b/i, 'validate, validation error'],
  [
    /(^|[^\p{L}])(huyện|tác tử|phong bì|đối soát|ghi bền|nút)(?=[^\p{L}]|$)/iu,
    'địa bàn, phần mềm trạm, gói tin, đối chiếu, lưu, trạm',
  ],
]

/** What a person reads: pages of documentation, and texts in the code of every program. */
const documents = tracked('*.md').filter((path) => !path.startsWith('docs/decisions/'))
const programs = tracked('*.ts', '*.tsx').filter(
  (path) => !/\.test\.tsx?$|(^|\/)(testing|suite|tests|bench)(\/|\.ts$)/.test(path),
)

test('documentation is written in the terms of the field', () => {
  expect(documents.flatMap((path) => findings(path, [readFileSync(path, 'utf8')]))).toEqual([])
})

test('log lines, messages and titles are written in the terms of the field', () => {
  expect(programs.flatMap((path) => findings(path, textsOf(path)))).toEqual([])
})

test('a phrase is found in a text, and not in a comment or a name', () => {
  const code = "/* lets go of it */ const judge = (n: number) => log('the store is told', `is whole`, n)"
  expect(findings('x.ts', textsIn(code, 'ts'))).toEqual([
    'x.ts: "is told": write receive, is notified',
    'x.ts: "is whole": write intact, complete; the check passed',
  ])
})

function findings(path: string, texts: readonly string[]): string[] {
  return texts.flatMap((text) =>
    phrases.flatMap(([phrase, instead]) => {
      const found = phrase.exec(text)?.[0].trim()
      return found === undefined ? [] : [`${path}: ${JSON.stringify(found)}: write ${instead}`]
    }),
  )
}

function textsOf(path: string): string[] {
  return textsIn(readFileSync(path, 'utf8'), path.endsWith('x') ? 'tsx' : 'ts')
}

/** Every string and template text of a program that has a space in it, and so is prose. */
function textsIn(code: string, lang: 'ts' | 'tsx'): string[] {
  const texts: string[] = []
  JSON.stringify(parseAst(code, { lang }), (_key, node: unknown) => {
    const { type, value } = (node ?? {}) as { type?: string; value?: unknown }
    const text = type === 'TemplateElement' ? (value as { cooked: string | null }).cooked : value
    if (/^(Literal|TemplateElement|JSXText)$/.test(type ?? '') && typeof text === 'string' && text.includes(' '))
      texts.push(text)
    return typeof node === 'bigint' ? String(node) : node
  })
  return texts
}

function tracked(...patterns: string[]): string[] {
  return execFileSync('git', ['ls-files', ...patterns], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean)
}
