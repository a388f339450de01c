import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { IocError } from '@ioc/contract/errors.ts'
import { urlHost } from '@ioc/runtime/listen.ts'
import { writePrivateJson } from '@ioc/runtime/private-file.ts'
import { type AgentOptions, agentFolder } from '../options.ts'
import { readStatus } from '../status-file.ts'
import { editorUser, passwordBytes } from './editor-user.ts'
import { editorRequestFile } from './request-file.ts'

/** Time that the agent may take to open the editor, in ms, and between two looks whether it has. */
const maxWaitMs = 90_000
const lookMs = 200

/**
 * Asks the running agent of this machine for the editor, and prints where it is and its password, which is accepted once. Who
 * may write to the folder of the agent is its administrator.
 * @throws IocError EDITOR_FAILED
 */
export async function requestEditor(
  options: AgentOptions,
  minutes: number,
  print: (line: string) => void,
): Promise<void> {
  const folder = agentFolder(options)
  const request = join(folder, editorRequestFile)
  const password = randomBytes(passwordBytes).toString('base64url')
  const before = readStatus(folder)?.flows?.editor_until
  writePrivateJson(request, { minutes, password })
  for (const deadline = performance.now() + maxWaitMs; performance.now() < deadline; await sleep(lookMs)) {
    const until = readStatus(folder)?.flows?.editor_until
    if (minutes === 0 && until === undefined) return print('editor closed')
    if (minutes === 0 || until === undefined || until === before) continue
    print(`http://${urlHost(options.nodeRedHost)}:${options.nodeRedPort}/`)
    print(`username  ${editorUser(password)}`)
    print(`password  ${password}  (accepted once)`)
    print(`closes    in ${minutes} minutes`)
    return
  }
  rmSync(request, { force: true })
  throw new IocError('EDITOR_FAILED', 'the agent did not open the editor: is it running? its log has the reason')
}
