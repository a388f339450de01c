import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { openCredentialStore } from '@ioc/broker/credentials/credential-store.ts'
import { openEnrolmentStore } from '@ioc/broker/credentials/enrolment-store.ts'
import { IocError } from '@ioc/contract/errors.ts'
import { updateText } from '@ioc/contract/messages/agent-release.ts'
import { type NodeAnswer, type NodeCommand, readNodeAnswer } from '@ioc/contract/messages/node-command.ts'
import { type Birth, parseStatus, type Status } from '@ioc/contract/messages/status.ts'
import { answerChannel, type NodeAddress, nodeTopic, parseUsername, username } from '@ioc/contract/topics.ts'
import {
  type DesiredConfig,
  DesiredConfigs,
  digestOf,
  payloadOf,
  type Revision,
} from '@ioc/edge-agent/desired/config-store.ts'
import { driftOf } from '@ioc/edge-agent/desired/drift.ts'
import { checkedKey, rotateCommand, sealSecrets } from '@ioc/edge-agent/desired/prepare.ts'
import { configYaml, readConfigYaml } from '@ioc/edge-agent/desired/yaml.ts'
import { displayStamp } from '@ioc/runtime/display-time.ts'
import { tableLines } from '@ioc/stream-processor/explain/text.ts'
import type { MqttClient } from 'mqtt'
import { countArgument, existingDataDir, misused, oneOf, print } from './arguments.ts'
import { asCentre, readRetained } from './centre-client.ts'
import { noteChange } from './note-change.ts'
import { commandUser } from './watch-topics.ts'

/** How long a node may take to answer, in ms. */
const answerMs = 10_000
const actions = ['show', 'set', 'diff', 'rollback', 'history'] as const

/** `ioc node config SITE/NODE ACTION [FILE|REVISION]`. */
export async function nodeConfig(args: readonly string[], json: boolean, usage: string): Promise<number> {
  const [name = '', word = 'show', subject = '', ...rest] = args
  const action = oneOf(actions, word, 'ACTION', usage)
  if (rest.length > 0) throw misused(`unexpected argument ${JSON.stringify(rest[0])}`, usage)
  const address = parseUsername(name)
  const desired = new DesiredConfigs(existingDataDir())
  switch (action) {
    case 'show':
      return show(desired, address, json)
    case 'set':
      if (subject === '') throw misused('FILE is missing', usage)
      return set(desired, address, await readFile(subject))
    case 'rollback': {
      const revision = countArgument(subject, 'REVISION', usage)
      return publish(desired, address, desired.restored(address, revision), revision)
    }
    case 'history':
      return history(desired, address, json)
    case 'diff':
      return diff(desired, address, subject === '' ? undefined : countArgument(subject, 'REVISION', usage))
    default:
      return action satisfies never
  }
}

async function show(desired: DesiredConfigs, address: NodeAddress, json: boolean): Promise<number> {
  const latest = desired.latest(address)
  const birth = await asCentre((client) => birthOf(client, address))
  const report = birth?.config
  const yaml = latest ? await configYaml(latest.config) : ''
  const drift = driftOf(latest, report)
  const lines = [
    `desired   ${latest ? `revision ${latest.revision} by ${latest.by}, ${displayStamp(latest.at)}` : 'none'}`,
    `reported  ${report ? `revision ${report.revision} ${report.state}, in force ${report.in_force}` : 'nothing'}`,
    `state     ${drift}`,
    ...(report?.reason === undefined ? [] : [`reason    ${report.reason}`]),
    ...(birth ? [`agent     ${birth.agent.version} on ${birth.agent.host}`] : []),
    ...(birth?.update ? [`update    ${updateText(birth.update)}`] : []),
    ...(birth?.flows ? [`node-red  ${birth.flows.state}${birth.flows.reason ? `: ${birth.flows.reason}` : ''}`] : []),
    '',
  ]
  print(json, { ...address, desired: latest ?? null, report: report ?? null, drift }, `${lines.join('\n')}\n${yaml}`)
  return 0
}

/** Errors are printed each with its field, and nothing is changed. */
async function set(desired: DesiredConfigs, address: NodeAddress, text: string): Promise<number> {
  const { config, errors } = await readConfigYaml(text)
  if (config) return publish(desired, address, config)
  const lines = errors.map(({ field, reason }) => `${field === '' ? '' : `${field}: `}${reason.en} | ${reason.vi}`)
  throw new IocError('AGENT_CONFIG_INVALID', lines.join('\n'))
}

async function publish(
  desired: DesiredConfigs,
  address: NodeAddress,
  config: DesiredConfig,
  rollbackOf?: number,
): Promise<number> {
  const added = await asCentre(async (client) => {
    const key = keyOf(address, await birthOf(client, address))
    const rolledBack = rollbackOf === undefined ? {} : { rollback_of: rollbackOf }
    const sealed = sealSecrets(config, address, key)
    const revision = desired.add(address, { at: Date.now(), by: commandUser(), ...rolledBack, config: sealed })
    await client.publishAsync(nodeTopic(address, 'config'), payloadOf(revision), { qos: 1, retain: true })
    noteChange({
      what: 'node.config',
      target: username(address),
      detail: { revision: revision.revision, ...rolledBack },
    })
    return revision
  })
  process.stdout.write(`revision ${added.revision} of ${username(address)} published\n`)
  return 0
}

function history(desired: DesiredConfigs, address: NodeAddress, json: boolean): number {
  const revisions = desired.history(address)
  const rows = revisions.map((one) => [
    ...[String(one.revision), displayStamp(one.at), one.by],
    one.rollback_of === undefined ? '' : `back to ${one.rollback_of}`,
    digestOf(one).slice(0, 12),
  ])
  print(json, revisions, `${tableLines([['revision', 'at', 'by', 'what', 'digest'], ...rows], 5).join('\n')}\n`)
  return 0
}

/** What the newest revision changed, or all of them since one: lines with - and +. */
async function diff(desired: DesiredConfigs, address: NodeAddress, since: number | undefined): Promise<number> {
  const [latest, previous] = desired.history(address)
  if (!latest) throw new IocError('REVISION_UNKNOWN', `${username(address)} has no configuration of the centre`)
  const before: Revision | undefined = since === undefined ? previous : desired.get(address, since)
  const linesOf = async (one: Revision | undefined) => (one ? (await configYaml(one.config)).trimEnd().split('\n') : [])
  process.stdout.write(`${lineDiff(await linesOf(before), await linesOf(latest)).join('\n')}\n`)
  return 0
}

/** Cells of the table that compares two texts, at most: beyond, what differs is listed as a whole. */
const maxCells = 4_000_000

/** Lines of two texts, by their longest common subsequence. */
export function lineDiff(before: readonly string[], after: readonly string[]): string[] {
  const shorter = Math.min(before.length, after.length)
  let head = 0
  while (head < shorter && before[head] === after[head]) head++
  let tail = 0
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++
  const same = (line: string): string => `  ${line}`
  return [
    ...before.slice(0, head).map(same),
    ...changedLines(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...before.slice(before.length - tail).map(same),
  ]
}

function changedLines(before: readonly string[], after: readonly string[]): string[] {
  if (before.length * after.length > maxCells) {
    return [...before.map((line) => `- ${line}`), ...after.map((line) => `+ ${line}`)]
  }
  const common = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0))
  const at = (i: number, j: number) => common[i]?.[j] ?? 0
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const row = common[i] as number[]
      row[j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const lines: string[] = []
  let [i, j] = [0, 0]
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push(`  ${before[i]}`)
      i++
      j++
    } else if (j >= after.length || (i < before.length && at(i + 1, j) >= at(i, j + 1))) lines.push(`- ${before[i++]}`)
    else lines.push(`+ ${after[j++]}`)
  }
  return lines
}

/** `ioc node logs SITE NODE`, `ioc node collect SITE NODE`. */
export async function nodeCommand(
  address: NodeAddress,
  command: { readonly command: 'collect' } | Omit<Extract<NodeCommand, { command: 'logs' }>, 'id'>,
): Promise<number> {
  const answer = await asCentre((client) => ask(client, address, command))
  noteChange({ what: command.command === 'logs' ? 'node.logs' : 'node.collect', target: username(address) })
  const text = command.command === 'logs' ? (answer.lines ?? []).join('\n') : `${username(address)} measured`
  process.stdout.write(`${text}\n`)
  return 0
}

/** Sends a new password to a node, which keeps it once the broker has accepted it. */
export async function rotateByCommand(address: NodeAddress, rotate: () => string): Promise<void> {
  await asCentre(async (client) => {
    const key = keyOf(address, await birthOf(client, address))
    if (!key)
      throw new IocError('NODE_UNKNOWN', `${username(address)} has not announced its key: it cannot be sent a secret`)
    await ask(client, address, rotateCommand(address, key, rotate()))
  })
}

type Asked = { readonly command: 'collect' | 'logs' | 'rotate'; readonly [field: string]: unknown }

async function ask(client: MqttClient, address: NodeAddress, command: Asked): Promise<NodeAnswer> {
  const id = randomUUID()
  const topic = nodeTopic(address, answerChannel)
  const answered = Promise.withResolvers<NodeAnswer>()
  const timer = setTimeout(() => {
    const reason = `${username(address)} does not answer: it is not connected, or too old`
    answered.reject(new IocError('NODE_UNREACHABLE', reason))
  }, answerMs)
  client.on('message', (from, payload) => {
    const answer = from === topic ? readNodeAnswer(payload) : undefined
    if (answer?.id === id) answered.resolve(answer)
  })
  try {
    await client.subscribeAsync(topic, { qos: 1 })
    await client.publishAsync(nodeTopic(address, 'command'), JSON.stringify({ ...command, id }), { qos: 1 })
    const answer = await answered.promise
    if (answer.ok) return answer
    throw new IocError('NODE_UNREACHABLE', `${username(address)} refused: ${answer.reason ?? 'no reason'}`)
  } finally {
    clearTimeout(timer)
  }
}

async function birthOf(client: MqttClient, address: NodeAddress): Promise<Birth | undefined> {
  const topic = nodeTopic(address, 'status')
  const { messages } = await readRetained(client, [topic])
  const status = readStatus(messages.get(topic))
  return status?.online ? status : undefined
}

function readStatus(payload: string | undefined): Status | undefined {
  try {
    return payload === undefined ? undefined : parseStatus(Buffer.from(payload))
  } catch {
    return undefined
  }
}

function keyOf(address: NodeAddress, birth: Birth | undefined) {
  const dataDir = existingDataDir()
  const enrolments = openEnrolmentStore(dataDir, openCredentialStore(dataDir), () => undefined)
  return checkedKey(address, birth?.seal_key, enrolments.keyOf(username(address)))
}

async function readFile(path: string): Promise<string> {
  try {
    if (path !== '-') return readFileSync(path, 'utf8')
    const chunks: Buffer[] = []
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
    return Buffer.concat(chunks).toString('utf8')
  } catch (cause) {
    throw new IocError('USAGE_INVALID', `cannot read ${path}: ${(cause as Error).message}`, { cause })
  }
}
