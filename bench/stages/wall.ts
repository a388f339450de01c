import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { hasDebianInflux, startDebianInflux } from '@ioc/storage/testing/real-influx.ts'
import { type Centre, startCentre, until } from '@ioc/tests/harness/centre.ts'
import type { LoadNode } from '@ioc/tests/harness/load.ts'
import { canBrowse, launchChromium } from '@ioc/wall/testing/browser.ts'
import { WebSocket } from 'ws'
import { figure, quantile } from '../figure.ts'
import { loadNodes, startLoad } from '../load.ts'
import { cpuDuring } from '../process-figures.ts'
import { monthLines } from '../wall/month.ts'

const setting = (name: string, otherwise: number) => Number(process.env[`IOC_BENCH_WALL_${name}`] ?? otherwise)

const days = setting('DAYS', 30)
const sites = setting('SITES', 6)
const walls = setting('WALLS', 50)
/** How often each panel is asked. */
const rounds = setting('ROUNDS', 5)
/** How long walls and the browser are watched, each, in ms. */
const watchMs = Number(process.env['IOC_BENCH_SECONDS'] ?? 60) * 1000
/** How long the heap of a browser is watched, in ms: `IOC_BENCH_WALL_HEAP_SECONDS=3600` is an hour on the wall. */
const heapMs = setting('HEAP_SECONDS', watchMs / 1000) * 1000
const heapSamples = 6
const updatesPerSecond = 1_000
const batchLines = 5_000
/** How often a wall reads its panels again, in ms. */
const refreshMs = 10_000
const home = 'ioc-home'

interface PanelOf {
  readonly uid: string
  readonly id: number
}

/** What the boards cost: their queries over a month, many walls at once, and one in a browser. */
export async function wall(): Promise<void> {
  await withCentre({}, async (centre) => {
    await measureBoards(centre, centre.storeUrl, '')
    const nodes = await loadNodes(centre, 20)
    await measureWalls(centre, nodes)
    await measureBrowser(centre, nodes)
  })
  if (!hasDebianInflux()) return
  const influx = await startDebianInflux('ioc')
  try {
    const settings = {
      ...{ IOC_INFLUX_URL: influx.target.url, IOC_INFLUX_VERSION: '1', IOC_INFLUX_BUCKET: 'ioc' },
      IOC_PROCESSES: 'broker,stream-processor,wall',
    }
    await withCentre(settings, (centre) => measureBoards(centre, influx.target.url, '.influxd'))
  } finally {
    await influx.stop()
  }
}

async function withCentre(settings: Record<string, string>, work: (centre: Centre) => Promise<void>): Promise<void> {
  const processes = { IOC_PROCESSES: 'storage,broker,stream-processor,wall' }
  const centre = await startCentre({ IOC_LOG_LEVEL: 'warn', ...processes, ...settings })
  try {
    await work(centre)
  } finally {
    await centre.stop()
    rmSync(centre.dataDir, { recursive: true, force: true })
  }
}

const get = async <T>(centre: Centre, path: string): Promise<T> =>
  (await fetch(`${centre.httpUrl}${path}`)).json() as Promise<T>

async function panelsOf(centre: Centre): Promise<PanelOf[]> {
  interface Panel {
    readonly id: number
    readonly targets?: readonly object[]
    readonly panels?: readonly Panel[]
  }
  const all = (panels: readonly Panel[]): Panel[] => panels.flatMap((one) => [one, ...all(one.panels ?? [])])
  const { boards } = await get<{ boards: { uid: string }[] }>(centre, '/api/boards')
  const found: PanelOf[] = []
  for (const { uid } of boards) {
    const { panels } = await get<{ panels: Panel[] }>(centre, `/api/boards/${uid}`)
    found.push(...all(panels).flatMap(({ id, targets = [] }) => (targets.length > 0 ? [{ uid, id }] : [])))
  }
  return found
}

/** Writes a month, and asks every panel of every board for it; each question is a new one, which no answer is kept of. */
async function measureBoards(centre: Centre, storeUrl: string, suffix: '' | '.influxd'): Promise<void> {
  // The wall has them from the processor, a moment after it is ready; without them the month would be smaller.
  const { areas } = await until(
    'the areas of the district',
    () => get<{ areas: { code: string }[] }>(centre, '/api/district'),
    (district) => district.areas.length > 0,
  )
  const end = Date.now()
  const size = { days, areas: areas.map(({ code }) => code), sites, minStep_s: 3_600 }
  let points = 0
  for (const body of monthLines(size, end, batchLines)) {
    points += body.split('\n').length
    const response = await fetch(`${storeUrl}/write?db=ioc&precision=ms`, { method: 'POST', body })
    if (!response.ok) throw new Error(`${storeUrl}: ${response.status} ${await response.text()}`)
  }
  const byBoard = Map.groupBy(await panelsOf(centre), ({ uid }) => uid)
  const all: number[] = []
  for (const [uid, panels] of byBoard) {
    const times: number[] = []
    let bytes = 0
    for (let round = 0; round < rounds; round++) {
      for (const { id } of panels) {
        const to = end - all.length - times.length
        const started = performance.now()
        const range = `from=${to - days * 86_400_000}&to=${to}&width=800`
        const response = await fetch(`${centre.httpUrl}/api/boards/${uid}/panels/${id}?${range}`)
        bytes += (await response.arrayBuffer()).byteLength
        if (!response.ok) throw new Error(`${uid}, panel ${id}: ${response.status}`)
        times.push(performance.now() - started)
      }
    }
    all.push(...times)
    const detail = { panels: panels.length, rounds, bytes_per_load: Math.round(bytes / rounds), points }
    figure(`wall.panel_ms.p95.${uid}${suffix}`, p95(times), 'ms', detail)
  }
  figure(`wall.panel_ms.p95${suffix}`, p95(all), 'ms', { boards: byBoard.size, requests: all.length, points })
}

const p95 = (times: readonly number[]): number =>
  quantile(
    [...times].sort((a, b) => a - b),
    0.95,
  )

/** Walls on the home board, which read its panels and follow its live values, while devices send. */
async function measureWalls(centre: Centre, nodes: readonly LoadNode[]): Promise<void> {
  const panels = (await panelsOf(centre)).filter(({ uid }) => uid === home)
  const done = sendUpdates(centre, nodes, watchMs)
  const { boards } = await get<{ boards: { uid: string; indicators: string[] }[] }>(centre, '/api/boards')
  const ids = boards.find(({ uid }) => uid === home)?.indicators ?? []
  const prefixes = ids.flatMap((id) => [`indicator/${id}/district`, `indicator/${id}/area`])
  let [frames, frameBytes, panelBytes, asked] = [0, 0, 0, 0]
  const sockets = Array.from({ length: walls }, () => {
    const socket = new WebSocket(`${centre.httpUrl.replace('http', 'ws')}/live`)
    socket.on('message', (data: Buffer) => {
      frames++
      frameBytes += data.length
    })
    socket.once('open', () => {
      const topics = ['link', 'indicators', 'district', 'simulation', 'attention', 'place', 'process', ...prefixes]
      socket.send(JSON.stringify({ subscribe: topics }))
    })
    return socket
  })
  const until = performance.now() + watchMs
  const watch = async (index: number): Promise<void> => {
    await sleep((refreshMs / walls) * index)
    while (performance.now() < until) {
      for (const { uid, id } of panels) {
        const response = await fetch(`${centre.httpUrl}/api/boards/${uid}/panels/${id}?width=400`)
        panelBytes += (await response.arrayBuffer()).byteLength
        asked++
      }
      await sleep(refreshMs)
    }
  }
  const { seconds, byProcess } = await cpuDuring(centre, () => Promise.all(sockets.map((_, index) => watch(index))))
  for (const socket of sockets) socket.terminate()
  await done
  const detail = { walls, panels: panels.length, requests_per_s: Math.round(asked / seconds) }
  for (const name of ['wall', 'storage']) {
    figure(`wall.cores.${walls}_walls.${name}`, (byProcess[name] ?? 0) / seconds, 'cores', detail)
  }
  figure('wall.bytes_per_s.live', frameBytes / seconds / walls, 'bytes/s', { frames_per_s: frames / seconds / walls })
  figure('wall.bytes_per_s.panels', panelBytes / seconds / walls, 'bytes/s', detail)
}

/** Lets devices send, to the end of it. */
function sendUpdates(centre: Centre, nodes: readonly LoadNode[], durationMs: number): Promise<unknown> {
  const recordsPerMessage = 10
  const messagesPerSecond = updatesPerSecond / recordsPerMessage
  return startLoad({
    port: centre.mqttPort,
    nodes,
    devices: 20,
    recordsPerMessage,
    window: 50,
    durationMs,
    messagesPerSecond,
  })
}

const viewport = { width: 1920, height: 1080 }

/** The home board in a browser: until something is drawn, until all panels have their data, and the heap while devices send. */
async function measureBrowser(centre: Centre, nodes: readonly LoadNode[]): Promise<void> {
  if (!canBrowse) return
  const browser = await launchChromium()
  try {
    const page = await browser.newPage({ viewport, locale: 'vi-VN' })
    const client = await page.context().newCDPSession(page)
    await client.send('Network.enable')
    let bytes = 0
    client.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength
    })
    let panels = 0
    let lastPanel = 0
    const started = performance.now()
    page.on('requestfinished', (request) => {
      if (!request.url().includes('/panels/')) return
      panels++
      lastPanel = performance.now()
    })
    await page.goto(centre.httpUrl)
    await page.waitForLoadState('networkidle')
    // Runs in the page.
    const paint = await page.evaluate('performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? -1')
    figure('wall.first_paint_ms', Number(paint), 'ms', { viewport })
    figure('wall.all_panels_ms', panels === 0 ? -1 : lastPanel - started, 'ms', { panels })
    figure('wall.page_bytes', bytes, 'bytes', { panels })
    const before = await heapOf(client)
    const sending = sendUpdates(centre, nodes, heapMs)
    const samples: number[] = []
    while (samples.length < heapSamples) {
      await sleep(heapMs / heapSamples)
      samples.push(await heapOf(client))
    }
    await sending
    const inMb = (heap: number) => Math.round(heap / 1e4) / 100
    const detail = { seconds: heapMs / 1000, updates_per_s: updatesPerSecond, before_mb: inMb(before) }
    figure('wall.heap_growth_mb', ((samples.at(-1) ?? 0) - before) / 1e6, 'MB', {
      ...detail,
      samples_mb: samples.map(inMb),
    })
    // What is kept on purpose, as the tails of charts, fills up in the first part.
    const [, ...later] = samples
    figure('wall.heap_growth_mb.later', ((later.at(-1) ?? 0) - (samples[0] ?? 0)) / 1e6, 'MB', detail)
  } finally {
    await browser.close()
  }
}

interface Devtools {
  send(method: 'HeapProfiler.collectGarbage'): Promise<unknown>
  send(method: 'Runtime.getHeapUsage'): Promise<{ readonly usedSize: number }>
}

/** Bytes of the page's heap after a collection. */
async function heapOf(client: Devtools): Promise<number> {
  await client.send('HeapProfiler.collectGarbage')
  return (await client.send('Runtime.getHeapUsage')).usedSize
}
