import { mkdirSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import { type FromChild, heartbeatMs, type StartSettings, type ToChild } from './ipc.ts'
import { Link } from './link.ts'
import type { NodeRedModule } from './runtime.ts'
import { nodeRedSettings } from './settings.ts'

/**
 * The process that Node-RED runs in: a child of the agent, which ends with it. What a flow throws, or the memory that it takes,
 * ends this process and not the agent.
 */
const send = (message: FromChild): void => {
  // The agent may have ended: this process follows.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}
const link = new Link(send)
let nodeRed: NodeRedModule | undefined
/** That of the editor; it listens only while the editor is open. */
const server = createServer()
const sockets = new Set<Socket>()

process.on('disconnect', () => process.exit(0))
process.on('message', (message: ToChild) => {
  if (message.kind === 'start') void start(message)
  else if (message.kind === 'stop') void stop()
  else if (message.kind === 'close-editor') closeEditor()
  else link.receive(message)
})
setInterval(() => send({ kind: 'heartbeat', rss: process.memoryUsage.rss() }), heartbeatMs)

async function start(settings: StartSettings): Promise<void> {
  try {
    mkdirSync(join(settings.userFolder, 'files'), { recursive: true, mode: 0o700 })
    // Of its own: also those that became WebSockets are ended with it.
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    // From the folder of its packages: this process may not look into the folders above its own code.
    const require = createRequire(join(settings.modulesFolder, 'node-red', 'package.json'))
    nodeRed = require('node-red') as NodeRedModule
    nodeRed.init(server, nodeRedSettings(settings, link, send, require))
    watch(nodeRed, settings.isSafeMode)
    await nodeRed.start()
    if (!settings.editor) return
    server.on('request', nodeRed.httpAdmin as RequestListener)
    server.on('error', (error) => send({ kind: 'log', level: 'error', text: `editor: ${error.message}` }))
    server.listen(settings.editor.port, settings.editor.host, () => {
      send({ kind: 'editor', port: (server.address() as AddressInfo).port })
    })
  } catch (error) {
    const { message, resource } = error as Error & { resource?: string }
    send({ kind: 'failed', reason: resource === undefined ? message : `${message} (${resource})` })
  }
}

/** Reports what Node-RED makes of its flows. */
function watch({ events }: NodeRedModule, isSafeMode: boolean): void {
  // The first start is of the flows that were loaded, each later one of flows that the editor has just saved.
  let isLoaded = isSafeMode
  events.on('flows:starting', () => {
    if (isLoaded) send({ kind: 'saved' })
    isLoaded = true
  })
  events.on('flows:started', ({ config }: { config?: { flows?: readonly unknown[] } }) => {
    send({ kind: 'started', nodes: config?.flows?.length ?? 0 })
  })
  events.on('runtime-event', ({ id, payload }: { id?: string; payload?: RuntimePayload }) => {
    if (id !== 'runtime-state' || payload?.error === undefined) return
    const types = payload.types === undefined ? '' : `: ${payload.types.join(', ')}`
    if (payload.error === 'safe-mode') send({ kind: 'started', nodes: 0 })
    else send({ kind: 'failed', reason: `${payload.error}${types}` })
  })
}

interface RuntimePayload {
  readonly error?: string
  readonly types?: readonly string[]
}

function closeEditor(): void {
  server.close(() => send({ kind: 'editor-closed' }))
  for (const socket of sockets) socket.destroy()
}

async function stop(): Promise<void> {
  await nodeRed?.stop()
  process.exit(0)
}
