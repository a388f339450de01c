import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { AgentRelease } from '@ioc/contract/messages/agent-release.ts'
import { smallDisk } from '@ioc/runtime/testing/small-disk.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { expect, onTestFinished, test } from 'vitest'
import { enrolledCentre } from '../centre-api.ts'
import { type Staging, stageRelease } from './stage.ts'

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** A release of files, and a server that has them. */
async function releaseOf(
  contents: Record<string, Buffer>,
  answer?: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void,
) {
  const packed = new Map<string, Buffer>()
  const files = Object.entries(contents).map(([path, bytes]) => {
    const body = gzipSync(bytes)
    packed.set(`/agent/files/${digest(body)}.gz`, body)
    return { path, size: bytes.length, sha256: digest(bytes), packed_size: body.length, packed_sha256: digest(body) }
  })
  const requests: { url: string; range: string | undefined }[] = []
  const server = createServer((request, response) => {
    const { url = '' } = request
    requests.push({ url, range: request.headers.range })
    const body = packed.get(url)
    if (!body) return void response.writeHead(404).end()
    if (answer) return void answer(request, response, body)
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
    response.writeHead(206).end(body.subarray(from))
  })
  server.listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  onTestFinished(() => void server.close())
  const release: AgentRelease = {
    ...{ schema: 1, version: '0.2.0', platform: 'linux-x64', minimum_from: '0.1.0', rollback: false, expires: 0 },
    rollout: { rings: ['100%'], hold_h: 1, max_reverted_percent: 2 },
    files,
  }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { release, api: enrolledCentre(url, undefined), requests, packed }
}

function staging(versions: string, api: Staging['api'], more: Partial<Staging> = {}): Staging {
  const running = join(versions, 'running')
  const signal = AbortSignal.timeout(60_000)
  return { versions, running, api, maxBytesPerS: 1e9, signal, beforeDownload: async () => undefined, ...more }
}

function folderOfVersions(folder = testFolder()): string {
  const versions = join(folder, 'versions')
  mkdirSync(versions)
  return versions
}

test('a release is complete in its folder; what the running version has is not downloaded', async () => {
  const same = Buffer.from('same')
  const { release, api, requests } = await releaseOf({ node: same, 'lib/new.mjs': Buffer.from('new') })
  const versions = folderOfVersions()
  mkdirSync(join(versions, 'running'))
  writeFileSync(join(versions, 'running', 'node'), same)
  await stageRelease(release, staging(versions, api))
  expect(readFileSync(join(versions, '0.2.0', 'lib', 'new.mjs'), 'utf8')).toBe('new')
  expect(readFileSync(join(versions, '0.2.0', 'node'), 'utf8')).toBe('same')
  expect(requests).toHaveLength(1)
  expect(readdirSync(versions).sort()).toEqual(['0.2.0', 'running'])
})

test('a broken download goes on where it ended, byte by byte the same', async () => {
  const content = randomBytes(500_000)
  let cuts = 3
  const { release, api, requests, packed } = await releaseOf({ node: content }, (request, response, body) => {
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
    response.writeHead(206, { 'content-length': body.length - from })
    if (cuts-- <= 0) return void response.end(body.subarray(from))
    response.write(body.subarray(from, from + 100_000), () => response.destroy())
  })
  const versions = folderOfVersions()
  await stageRelease(release, staging(versions, api))
  expect(readFileSync(join(versions, '0.2.0', 'node')).equals(content)).toBe(true)
  const starts = requests.map(({ range }) => Number(/\d+/.exec(range ?? '')?.[0]))
  expect(starts).toHaveLength(4)
  expect([...starts].sort((a, b) => a - b)).toEqual(starts)
  expect(starts[3]).toBeLessThan([...packed.values()][0]?.length ?? 0)
})

test('a server without ranges is read from the beginning', async () => {
  let cuts = 1
  const { release, api } = await releaseOf({ node: randomBytes(300_000) }, (_request, response, body) => {
    response.writeHead(200, { 'content-length': body.length })
    if (cuts-- <= 0) return void response.end(body)
    response.write(body.subarray(0, 100_000), () => response.destroy())
  })
  const versions = folderOfVersions()
  await stageRelease(release, staging(versions, api))
  expect(digest(readFileSync(join(versions, '0.2.0', 'node')))).toBe(release.files[0]?.sha256)
})

test('a changed byte is refused, and nothing of it stays', async () => {
  const { release, api } = await releaseOf({ node: randomBytes(1000) }, (_request, response, body) => {
    const changed = Buffer.from(body)
    changed[500] = (changed[500] as number) ^ 1
    response.writeHead(206).end(changed)
  })
  const versions = folderOfVersions()
  await expect(stageRelease(release, staging(versions, api))).rejects.toMatchObject({ code: 'UPDATE_DAMAGED' })
  expect(existsSync(join(versions, '0.2.0'))).toBe(false)
})

test('more bytes than signed are refused before they fill the disk', async () => {
  const { release, api, packed } = await releaseOf({ node: Buffer.alloc(10_000_000) })
  const bomb = [...packed.values()][0] as Buffer
  const [file] = release.files
  const small = { ...file, size: 1000, packed_sha256: digest(bomb) } as AgentRelease['files'][number]
  const versions = folderOfVersions()
  const refused = stageRelease({ ...release, files: [small] }, staging(versions, api))
  await expect(refused).rejects.toMatchObject({ code: 'UPDATE_DAMAGED' })
  expect(existsSync(join(versions, '0.2.0'))).toBe(false)
})

test('a link that lies in the way is replaced, not followed', async () => {
  const { release, api } = await releaseOf({ 'lib/a.mjs': Buffer.from('a') })
  const versions = folderOfVersions()
  const outside = join(testFolder(), 'outside')
  writeFileSync(outside, 'untouched')
  const lib = join(versions, '.staging', '0.2.0', 'tree', 'lib')
  mkdirSync(lib, { recursive: true })
  symlinkSync(outside, join(lib, 'a.mjs'))
  symlinkSync(outside, join(lib, 'a.mjs.new'))
  await stageRelease(release, staging(versions, api))
  expect(readFileSync(outside, 'utf8')).toBe('untouched')
  expect(readFileSync(join(versions, '0.2.0', 'lib', 'a.mjs'), 'utf8')).toBe('a')
  expect(readdirSync(join(versions, '0.2.0', 'lib'))).toEqual(['a.mjs'])
})

test('a staged version whose files were damaged since is staged again', async () => {
  const { release, api } = await releaseOf({ node: Buffer.from('right') })
  const versions = folderOfVersions()
  await stageRelease(release, staging(versions, api))
  writeFileSync(join(versions, '0.2.0', 'node'), 'wrong')
  await stageRelease(release, staging(versions, api))
  expect(readFileSync(join(versions, '0.2.0', 'node'), 'utf8')).toBe('right')
})

test('without three times its size free, nothing is downloaded', async (context) => {
  const { release, api, requests } = await releaseOf({ node: randomBytes(400_000) })
  const versions = folderOfVersions(smallDisk(context, 1024))
  await expect(stageRelease(release, staging(versions, api))).rejects.toMatchObject({ code: 'DISK_FULL' })
  expect(requests).toEqual([])
  expect(existsSync(join(versions, '.staging'))).toBe(false)
})

test('a disk that fills up meanwhile is emptied again; there is room, and it succeeds', async (context) => {
  const { release, api } = await releaseOf({ node: randomBytes(200_000) })
  const disk = smallDisk(context, 1024)
  const versions = folderOfVersions(disk)
  const filler = join(disk, 'filler')
  const fill = async (): Promise<void> => writeFileSync(filler, Buffer.alloc(900_000))
  const refused = stageRelease(release, staging(versions, api, { beforeDownload: fill }))
  await expect(refused).rejects.toMatchObject({ code: 'DISK_FULL' })
  expect(readdirSync(versions)).toEqual([])
  rmSync(filler)
  await stageRelease(release, staging(versions, api))
  expect(readdirSync(versions)).toEqual(['0.2.0'])
})
