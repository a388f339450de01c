import { join } from 'node:path'
import { commonOptions } from '@ioc/contract/common-options.ts'
import { isIocError } from '@ioc/contract/errors.ts'
import { replayOf } from '@ioc/contract/messages/replay.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { nodeTopic } from '@ioc/contract/topics.ts'
import { type DeadLetter, type DeadLetters, openDeadLetters } from '@ioc/ingest-log/dead-letters.ts'
import { countArgument, misused, readArguments } from './arguments.ts'
import { connectAsCentre } from './centre-client.ts'
import type { Command } from './table.ts'

const usage = 'dead-letters [LIMIT] [--json] | dead-letters replay [CODE]'
const defaultLimit = 20
const defaultCode = 'RECORD_FAILED'

export const deadLetters: Command = {
  usage,
  title: `list payloads that could not be stored, with reasons, newest first; replay sends those with a code again (default ${defaultCode})`,
  async run(args) {
    // It prints JSON either way, a letter a line: what a letter holds is the message that a device sent.
    const flags = { json: { type: 'boolean', default: false } } as const
    const { positionals } = readArguments(args, flags, usage, ['[LIMIT]', '[CODE]'])
    const [first, code] = positionals
    const isReplay = first === 'replay'
    if (code !== undefined && !isReplay) throw misused(`unexpected argument ${JSON.stringify(code)}`, usage)
    const limit = first === undefined || isReplay ? defaultLimit : countArgument(first, 'LIMIT', usage)
    const { dataDir } = readOptions(commonOptions, process.env)
    const letters = openDeadLetters(join(dataDir, 'dead-letters'), Number.MAX_SAFE_INTEGER)
    try {
      if (isReplay) await replay(letters, code ?? defaultCode)
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
async function replay(letters: DeadLetters, code: string): Promise<void> {
  const client = await connectAsCentre()
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

/** `undefined` for a letter that cannot be sent again: of its payload only the first part is kept, or it is no JSON. */
function readableReplay(letter: DeadLetter): ReturnType<typeof replayOf> {
  try {
    return replayOf(letter)
  } catch (error) {
    if (isIocError(error)) return undefined
    throw error
  }
}
