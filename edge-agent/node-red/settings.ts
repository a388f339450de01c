import { createHash, timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import { boundedContext } from './bounded-context.ts'
import type { EditorSettings, FromChild, StartSettings } from './ipc.ts'
import type { AgentLink } from './runtime.ts'

/** Names of Node-RED's files in its folder. */
export const flowFileName = 'flows.json'

type Log = (message: Extract<FromChild, { kind: 'log' }>) => void

/** Levels of Node-RED's log. */
const level = { error: 20, warn: 30 } as const

/** Settings of Node-RED: nothing from the net, nothing installed, nothing listens but an editor that was opened. */
export function nodeRedSettings(start: StartSettings, link: AgentLink, log: Log, require: NodeJS.Require): object {
  const { editor } = start
  return {
    userDir: start.userFolder,
    nodesDir: start.nodesFolder,
    nodesIncludes: start.files,
    flowFile: flowFileName,
    flowFilePretty: true,
    fileWorkingDirectory: join(start.userFolder, 'files'),
    credentialSecret: start.credentialSecret,
    safeMode: start.isSafeMode,
    ioc: link,

    httpAdminRoot: editor ? '/' : false,
    disableEditor: editor === undefined,
    ...(editor ? { adminAuth: adminAuth(editor), ui: true } : {}),
    httpNodeRoot: false,
    httpStatic: [],

    externalModules: {
      autoInstall: false,
      palette: { allowInstall: false, allowUpload: false, allowUpdate: false },
      modules: { allowInstall: false },
    },
    functionExternalModules: false,
    functionTimeout: 0,
    telemetry: { enabled: false, updateNotification: false },
    diagnostics: { enabled: false, ui: false },
    runtimeState: { enabled: false, ui: false },
    editorTheme: {
      tours: false,
      projects: { enabled: false },
      multiplayer: { enabled: false },
      // The other one is 16 MB, and is not in the bundle.
      codeEditor: { lib: 'ace' },
      page: { title: 'Node-RED – IOC' },
    },
    debugMaxLength: 1_000,
    contextStorage: {
      default: { module: boundedContext(require('@node-red/runtime/lib/nodes/context/memory')) },
    },
    logging: { agent: { level: 'warn', metrics: false, audit: false, handler: () => logHandler(log) } },
  }
}

/** Files of an editor that is opened for minutes are written under permissions that allow no fsync; Node-RED logs each. */
const unsynced = /fsync API is disabled/
/** Of settings that are meant. */
const expected = /Projects disabled|Encrypted credentials not found/
/** Characters of a log line, at most. */
const maxLogChars = 500

function logHandler(log: Log) {
  return (entry: { level: number; msg?: unknown; type?: string; name?: string; id?: string }): void => {
    const source = entry.type === undefined ? '' : `[${entry.type}:${entry.name ?? entry.id ?? ''}] `
    const text = `${source}${entry.msg instanceof Error ? entry.msg.message : String(entry.msg)}`
    if (unsynced.test(text) || expected.test(text)) return
    log({ kind: 'log', level: entry.level <= level.error ? 'error' : 'warn', text: text.slice(0, maxLogChars) })
  }
}

/** Seconds that a login lasts, at most: the editor closes before. */
const sessionS = 7_200

/** One user, whose name and password are of this opening alone; the password is accepted once. */
function adminAuth({ username, passwordHash }: EditorSettings): object {
  const user = { username, permissions: '*' }
  let isUsed = false
  return {
    type: 'credentials',
    sessionExpiryTime: sessionS,
    users: async (name: string) => (name === username ? user : null),
    authenticate: async (name: string, password: string) => {
      const hash = createHash('sha256').update(password).digest()
      const isRight = name === username && timingSafeEqual(hash, Buffer.from(passwordHash, 'hex'))
      if (!isRight || isUsed) return null
      isUsed = true
      return user
    },
  }
}
