import { join } from 'node:path'
import { commonOptions, mqttPortOption } from '@ioc/contract/common-options.ts'
import { IocError, isIocError } from '@ioc/contract/errors.ts'
import { replayOf } from '@ioc/contract/messages/replay.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { nodeTopic } from '@ioc/contract/topics.ts'
import { type DeadLetter, type DeadLetters, openDeadLetters } from '@ioc/ingest-log/dead-letters.ts'
import { credentialFile, readCredential } from '@ioc/runtime/credential-file.ts'
import { urlHost } from '@ioc/runtime/listen.ts'
import mqtt from 'mqtt'
import { countArgument, misused, readArguments } from './arguments.ts'
import type { Command } from './table.ts'

const usage = 'dead-letters [LIMIT] [--json] | dead-letters replay [CODE]'
const defaultLimit = 20
const defaultCode = 'RECORD_FAILED'
/** How long the broker may take to accept a connection, in ms. */
const connectTimeoutMs = 10_000

export const deadLetters: Command = {
  usage,
  title: `payloads that could not be stored, with reasons, newest first; replay sends those of a code again (${defaultCode})`,
  async run(args) {
    // It prints JSON either way, a letter a line: what a letter holds is the message that a device sent.
    const flags = { json: { type: 'boolean', default: false } } as const
    const { positionals } = readArguments(args, flags, usage, ['[LIMIT]', '[CODE]'])
    const [first, code] = positionals
    const isReplay = first === 'replay'
    if (code !== undefined && !isReplay) throw misused(`unexpected argument ${JSON.stringify(code)}`, usage)
    const limit = first === undefined || isReplay ? defaultLimit : countArgument(first, 'LIMIT', usage)
    const options = readOptions({ ...commonOptions, ...mqttPortOption }, process.env)
    const letters = openDeadLetters(join(options.dataDir, 'dead-letters'), Number.MAX_SAFE_INTEGER)
    try {
      if (isReplay) await replay(letters, code ?? defaultCode, options)
      else list(letters, limit)
    } finally {
      await letters.stop()
    }
    return 0
  },
}

function list(letters: DeadLetters, limit: number): void {
  for (const { payload, arrival, ...letter } of letters.list(limit)) {
    const text = Buffer.from(payload).toString()
    process.stdout.write(`${JSON.stringify({ arrival: new Date(arrival).toISOString(), ...letter, payload: text })}\n`)
  }
}

/**
 * Sends letters of a code again, each as a message of its node, and removes each once the broker has it: a letter is
 * sent twice only if this process ends between the two. What fails again comes back as a new letter.
 */
async function replay(
  letters: DeadLetters,
  code: string,
  { dataDir, bind, mqttPort }: { dataDir: string; bind: string; mqttPort: number },
): Promise<void> {
  const credential = await readCredential(credentialFile(dataDir, 'centre'))
  const client = await connect(`mqtt://${urlHost(bind)}:${mqttPort}`, credential)
  let sent = 0
  let kept = 0
  for (const { key, letter } of letters.entries()) {
    if (letter.code !== code) continue
    const again = readableReplay(letter)
    if (!again) {
      kept++
      continue
    }
    await client.publishAsync(nodeTopic(letter, again.channel), again.payload, { qos: 1 })
    await letters.remove(key)
    sent++
  }
  await client.endAsync()
  process.stdout.write(`${JSON.stringify({ code, replayed: sent, kept })}\n`)
}

async function connect(url: string, credential: { username: string; password: string }): Promise<mqtt.MqttClient> {
  try {
    return await mqtt.connectAsync(url, { ...credential, reconnectPeriod: 0, connectTimeout: connectTimeoutMs }, false)
  } catch (cause) {
    throw new IocError('BROKER_UNREACHABLE', `no broker at ${url}: start the centre first`, { cause })
  }
}

/** `undefined` for a letter that cannot be sent again: of its payload only the first part is kept, or it is no JSON. */
function readableReplay(letter: DeadLetter): ReturnType<typeof replayOf> {
  try {
    return replayOf(letter)
  } catch (error) {
    if (isIocError(error)) return undefined
    throw error
  }
}
