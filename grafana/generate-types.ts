// Makes the boards of self-declared types: node grafana/generate-types.ts FOLDER < types.json
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { boardFolders } from '@ioc/contract/boards/folders.ts'
import type { SelfDeclaredType } from '@ioc/contract/device-types/self-declared.ts'
import { languages } from './boards/kit/text.ts'
import { typeBoard } from './boards/types.ts'
import { stableJson } from './generate.ts'

const [folder = '.'] = process.argv.slice(2)
const types = (await json(process.stdin)) as readonly SelfDeclaredType[]
const boards = types.map((type) =>
  typeBoard({ ...type, title: { vi: `${type.title.vi} (tự khai báo)`, en: `${type.title.en} (self-declared)` } }),
)
for (const language of languages) {
  const path = join(folder, boardFolders[language])
  mkdirSync(path, { recursive: true })
  const files = new Map(boards.map(({ name, build }) => [`${name}.json`, stableJson(build(language))]))
  for (const stray of readdirSync(path)) if (!files.has(stray)) rmSync(join(path, stray))
  for (const [name, text] of files) writeFileSync(join(path, name), text)
}
