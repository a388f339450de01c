import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { lockData, lockHolder } from './data-lock.ts'

const newFolder = () => mkdtempSync(join(tmpdir(), 'ioc-lock-'))

/** A process that holds a lock until it is killed. */
async function holder(folder: string, name: string) {
  const module = new URL('./data-lock.ts', import.meta.url).href
  const script = `import(${JSON.stringify(module)}).then(({ lockData }) => {
    lockData(${JSON.stringify(folder)}, ${JSON.stringify(name)}); console.log('held'); setInterval(() => {}, 1e6) })`
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  await once(child.stdout, 'data')
  return child
}

test('a lock keeps a second process of the name out, and ends with its process, however that ends', async () => {
  const folder = newFolder()
  const child = await holder(folder, 'storage')
  expect(lockHolder(folder, 'storage')).toMatchObject({ pid: child.pid })
  expect(() => lockData(folder, 'storage')).toThrow(
    expect.objectContaining({ code: 'DATA_IN_USE', message: expect.stringContaining(`process ${child.pid}`) }),
  )
  child.kill('SIGKILL')
  await once(child, 'close')
  expect(lockHolder(folder, 'storage')).toBeUndefined()
  lockData(folder, 'storage')
})

test('another name and another folder are free', async () => {
  const folder = newFolder()
  await holder(folder, 'storage')
  lockData(folder, 'broker')
  lockData(newFolder(), 'storage')
  expect(lockHolder(folder, 'wall')).toBeUndefined()
})
