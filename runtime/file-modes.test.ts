import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { restrictOldFiles } from './file-modes.ts'

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

test('files of an earlier version lose the rights of others, and keep the rest', () => {
  const root = mkdtempSync(join(tmpdir(), 'ioc-modes-'))
  mkdirSync(join(root, 'deep'))
  for (const [name, mode] of [
    ['open', 0o666],
    ['deep/readable', 0o644],
    ['deep/program', 0o755],
    ['deep/private', 0o600],
  ] as const) {
    writeFileSync(join(root, name), '')
    chmodSync(join(root, name), mode)
  }
  chmodSync(join(root, 'deep'), 0o777)
  restrictOldFiles(root)
  expect(
    ['deep', 'open', 'deep/readable', 'deep/program', 'deep/private'].map((name) => modeOf(join(root, name))),
  ).toEqual(['750', '640', '640', '750', '600'])
})

test('what a link leads to is not the data folder, and a missing folder is no error', () => {
  const root = mkdtempSync(join(tmpdir(), 'ioc-modes-'))
  const outside = join(mkdtempSync(join(tmpdir(), 'ioc-outside-')), 'file')
  writeFileSync(outside, '')
  chmodSync(outside, 0o644)
  symlinkSync(outside, join(root, 'link'))
  restrictOldFiles(root)
  restrictOldFiles(join(root, 'missing'))
  expect(modeOf(outside)).toBe('644')
})

test('what a process creates from then on is for its user and group', () => {
  const root = mkdtempSync(join(tmpdir(), 'ioc-modes-'))
  const program = `
    import { mkdirSync, writeFileSync } from 'node:fs'
    import { restrictNewFiles } from ${JSON.stringify(new URL('./file-modes.ts', import.meta.url).href)}
    restrictNewFiles()
    mkdirSync('folder')
    writeFileSync('folder/file', '')`
  execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: root })
  expect([modeOf(join(root, 'folder')), modeOf(join(root, 'folder/file'))]).toEqual(['750', '640'])
})
