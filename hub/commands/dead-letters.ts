import { join } from 'node:path'
import { isIocError } from '@ioc/contract/errors.ts'
import { replayOf } from '@ioc/contract/messages/replay.ts'
import { nodeTopic } from '@ioc/contract/topics.ts'
import { type DeadLetter, type DeadLetters, openDeadLetters } from '@ioc/ingest-log/dead-letters.ts'
import { escapeControls } from '@ioc/runtime/control-characters.ts'
import { displayStamp } from '@ioc/runtime/display-time.ts'
import { countArgument, existingDataDir, misused, print, readArguments } from './arguments.ts'
import { asCentre } from './centre-client.ts'
import type { Command } from './command.ts'

const usage = 'dead-letters [LIMIT] [--json] | dead-letters replay [CODE] [--json]'
const defaultLimit = 20
const defaultCode = 'RECORD_FAILED'
/** Characters of a payload that are shown to people. */
const maxShownPayload = 200

export const deadLetters: Command = {
  usage,
  title: `list payloads that could not be stored, with reasons, newest first; replay sends those with a code again (default ${defaultCode})`,
  async run(args) {
    const flags = { json: { type: 'boolean', default: false } } as const
    const { positionals, values } = readArguments(args, flags, usage, ['[LIMIT]', '[CODE]'])
    const [first, code] = positionals
    const isReplay = first === 'replay'
    if (code !== undefined && !isReplay) throw misused(`unexpected argument ${JSON.stringify(code)}`, usage)
    const limit = first === undefined || isReplay ? defaultLimit : countArgument(first, 'LIMIT', usage)
    const letters = openDeadLetters(join(existingDataDir(), 'dead-letters'), Number.MAX_SAFE_INTEGER)
    try {
      if (isReplay) await replay(letters, code ?? defaultCode, values.json)
      else list(letters, limit, values.json)
    } finally {
      await letters.stop()
    }
    return 0
  },
}

function list(letters: DeadLetters, limit: number, json: boolean): void {
  const listed = letters.list(limit)
  for (const letter of listed) process.stdout.write(json ? jsonLine(letter) : letterText(letter))
  if (!json && listed.length === 0) process.stdout.write('no dead letters\n')
}

function jsonLine({ payload, arrival, ...letter }: DeadLetter): string {
  const text = Buffer.from(payload).toString()
  return `${JSON.stringify({ arrival: new Date(arrival).toISOString(), ...letter, payload: text })}\n`
}

/** When, from whom and which error; the reason; the beginning of the payload. */
function letterText({ arrival, site, node, channel, code, reason, payload }: DeadLetter): string {
  const text = Buffer.from(payload).toString()
  const shown = text.length > maxShownPayload ? `${text.slice(0, maxShownPayload)}…` : text
  const lines = [`${displayStamp(arrival)}  ${site}/${node}  ${channel}  ${code}`, `  ${reason}`, `  payload: ${shown}`]
  return `${lines.map(escapeControls).join('\n')}\n`
}

/**
 * Sends letters of a code again, each as a message of its node, and removes each once the broker has it: a letter is
 * sent twice only if this process ends between the two. What fails again comes back as a new letter.
 */
async function replay(letters: DeadLetters, code: string, json: boolean): Promise<void> {
  let sent = 0
  let kept = 0
  await asCentre(async (client) => {
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
  })
  const rest = kept === 0 ? '' : `; ${kept} cannot be sent again, because their payload is incomplete or not JSON`
  print(json, { code, replayed: sent, kept }, `${sent} dead letters with ${code} sent again${rest}\n`)
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
