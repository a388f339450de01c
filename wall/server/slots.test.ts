import { expect, test } from 'vitest'
import { Slots } from './slots.ts'

test('few tasks run at once, some wait in turn, and more are refused', async () => {
  const slots = new Slots({ maxRunning: 2, maxPerClient: 4, maxInAll: 5, maxWaitMs: 60_000 })
  const log: string[] = []
  const ends = new Map<string, () => void>()
  const start = (client: string, name: string) =>
    slots.run(client, async () => {
      log.push(name)
      await new Promise<void>((resolve) => ends.set(name, resolve))
    })
  const tasks = ['a1', 'a2', 'a3', 'a4'].map((name) => start('a', name))
  await expect(start('a', 'a5')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' })
  tasks.push(start('b', 'b1'))
  await expect(start('b', 'b2')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' })
  expect(log).toEqual(['a1', 'a2'])
  ends.get('a2')?.()
  await tasks[1]
  expect(log).toEqual(['a1', 'a2', 'a3'])
  const last = start('b', 'b2')
  for (const name of ['a1', 'a3', 'a4', 'b1', 'b2']) {
    await expect.poll(() => ends.has(name)).toBe(true)
    ends.get(name)?.()
  }
  await Promise.all([...tasks, last])
  expect(log).toEqual(['a1', 'a2', 'a3', 'a4', 'b1', 'b2'])
})

test('a task that fails frees its slot', async () => {
  const slots = new Slots({ maxRunning: 1, maxPerClient: 2, maxInAll: 2, maxWaitMs: 60_000 })
  const failed = slots.run('a', () => Promise.reject(new Error('no')))
  const next = slots.run('a', async () => 'done')
  await expect(failed).rejects.toThrow('no')
  expect(await next).toBe('done')
  expect(await slots.run('a', async () => 'again')).toBe('again')
})

test('a task that waited for too long is not run, and the next one is', async () => {
  const slots = new Slots({ maxRunning: 1, maxPerClient: 9, maxInAll: 9, maxWaitMs: 40 })
  const slow = slots.run('a', () => new Promise((resolve) => setTimeout(resolve, 80)))
  const late = slots.run('b', async () => expect.unreachable())
  await expect(late).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' })
  await slow
  expect(await slots.run('c', async () => 'done')).toBe('done')
})
