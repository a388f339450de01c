import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openWorkLog } from './work-log.ts'

let folder: string
const file = () => join(folder, 'wall', 'work-log.jsonl')
const errors: object[] = []
const logger = { error: (fields: object) => void errors.push(fields) } as never

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ioc-work-'))
  errors.length = 0
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const work = (what: string, at = 1) => ({ site: 's', device: 'd', by: 'lan', entered: 2, at, what })

/** Opens the log, does something with it, and closes it. */
function withLog<T>(use: (log: ReturnType<typeof openWorkLog>) => T): T {
  const log = openWorkLog(folder, logger)
  try {
    return use(log)
  } finally {
    log.stop()
  }
}

it('has after a restart what was entered, the newest first', () => {
  withLog((log) => {
    log.add(work('Thay pin', 5))
    log.add(work('Vệ sinh', 9))
    log.add({ ...work('khác'), device: 'e' })
  })
  withLog((log) => {
    expect(log.of('s', 'd').map(({ id, what }) => [id, what])).toEqual([
      [2, 'Vệ sinh'],
      [1, 'Thay pin'],
    ])
    expect(log.of('s', 'none')).toEqual([])
    expect(log.add(work('sau')).id).toBe(4)
  })
})

it.each(['1', '12345678 {"id":2', '\u0000'])('cuts off an entry that a crash cut in the middle: %j', (rest) => {
  withLog((log) => log.add(work('Thay pin')))
  const whole = readFileSync(file())
  appendFileSync(file(), rest)
  withLog((log) => {
    expect(log.of('s', 'd')).toHaveLength(1)
    expect(log.add(work('Vệ sinh')).id).toBe(2)
  })
  expect(readFileSync(file()).subarray(0, whole.length)).toEqual(whole)
  withLog((log) => expect(log.of('s', 'd')).toHaveLength(2))
  expect(errors).toEqual([])
})

it('leaves a damaged entry out, keeps it in the file, and says which', () => {
  withLog((log) => {
    log.add(work('Thay pin'))
    log.add(work('Vệ sinh'))
  })
  writeFileSync(file(), readFileSync(file(), 'utf8').replace('Thay pin', 'Thay dây'))
  withLog((log) => {
    expect(log.of('s', 'd').map(({ what }) => what)).toEqual(['Vệ sinh'])
    expect(log.add(work('sau')).id).toBe(4)
  })
  expect(readFileSync(file(), 'utf8')).toContain('Thay dây')
  expect(errors).toMatchObject([{ lines: [1] }])
})
