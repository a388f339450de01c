import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { commonOptions, storeOptions } from '@ioc/contract/common-options.ts'
import { IocError } from '@ioc/contract/errors.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { displayStamp } from '@ioc/runtime/display-time.ts'
import { type StoreTarget, storeTarget } from '@ioc/storage/target.ts'
import { parseTime, timeForms } from '../time.ts'

type Parsed<O extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ args: string[]; allowPositionals: true; options: O }>
>

/**
 * Parses the arguments of a command. An option that takes a value takes whatever follows it, as `--from -7d`.
 * @param usage printed where they are not as they should be
 * @param names of the positional arguments, those that may be missing last and in brackets: `['ID', '[LIMIT]']`
 * @throws IocError USAGE_INVALID
 */
export function readArguments<const O extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: O,
  usage: string,
  names: readonly string[] = [],
): Parsed<O> {
  const parsed = parse(args, options, usage)
  const { positionals } = parsed
  const missing = names[positionals.length]
  if (missing !== undefined && !missing.startsWith('[')) throw misused(`${missing} is missing`, usage)
  const extra = positionals[names.length]
  if (extra !== undefined) throw misused(`unexpected argument ${JSON.stringify(extra)}`, usage)
  return parsed
}

function parse<const O extends ParseArgsOptionsConfig>(args: readonly string[], options: O, usage: string): Parsed<O> {
  try {
    return parseArgs({ args: joinValues(args, options), allowPositionals: true, options })
  } catch (error) {
    throw misused(`${(error as Error).message.split(/[.\n]/, 1)[0]}`, usage)
  }
}

/** `parseArgs` refuses a value that begins with a minus, unless it is written as `--from=-7d`. */
function joinValues(args: readonly string[], options: ParseArgsOptionsConfig): string[] {
  const joined: string[] = []
  const end = args.includes('--') ? args.indexOf('--') : args.length
  for (let index = 0; index < args.length; index++) {
    const [arg = '', next] = args.slice(index, index + 2)
    const takesValue = index < end && arg.startsWith('--') && options[arg.slice(2)]?.type === 'string'
    const isOption = next?.startsWith('--')
    if (takesValue && next !== undefined && !isOption) {
      joined.push(`${arg}=${next}`)
      index++
    } else joined.push(arg)
  }
  return joined
}

/** A command was called wrongly: `ioc` prints this and exits with 2. */
export function misused(what: string, usage: string): IocError {
  return new IocError('USAGE_INVALID', `${what}; usage: ioc ${usage}`)
}

/** One of the words that an argument may be. @throws IocError USAGE_INVALID */
export function oneOf<T extends string>(words: readonly T[], text: string, name: string, usage: string): T {
  const word = words.find((one) => one === text)
  if (word === undefined) throw misused(`${name} must be one of ${words.join(', ')}, got ${text}`, usage)
  return word
}

/** A count from 1 on. @throws IocError USAGE_INVALID */
export function countArgument(text: string, name: string, usage: string): number {
  const count = Number(text)
  if (!/^\d+$/.test(text) || count < 1 || !Number.isSafeInteger(count)) {
    throw misused(`${name} must be an integer from 1, got ${JSON.stringify(text)}`, usage)
  }
  return count
}

/** A time, in ms since 1970. @throws IocError USAGE_INVALID */
export function timeArgument(text: string, name: string, usage: string): number {
  const ms = parseTime(text, Date.now())
  if (ms === undefined) throw misused(`${name}: ${JSON.stringify(text)} is not a valid time (${timeForms})`, usage)
  return ms
}

const spanUnitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, y: 31_536_000_000 }

/**
 * When something shall expire, in ms since 1970: after a span, as `90d`, or at a time; null: `never`.
 * @throws IocError USAGE_INVALID
 */
export function expiryArgument(text: string, now: number, usage: string): number | null {
  if (text === 'never') return null
  const [, count, unit = ''] = /^(\d+)([mhdy])$/.exec(text) ?? []
  const expires = count === undefined ? parseTime(text, now) : now + Number(count) * (spanUnitMs[unit] ?? Number.NaN)
  if (expires !== undefined && expires > now && expires <= maxExpiryMs) return expires
  const forms = 'a span such as 12h, 90d or 1y, a time to come such as 2027-12-31, or never'
  throw misused(`--expires must be ${forms}, got ${JSON.stringify(text)}`, usage)
}

/** The end of the year 9999, in ms: what is later is no time. */
const maxExpiryMs = 253_402_300_799_999

/**
 * The data folder, for commands that read it: created for a mistyped name, it would look like an empty centre.
 * @throws IocError FOLDER_UNUSABLE
 */
export function existingDataDir(): string {
  const { dataDir } = readOptions(commonOptions, process.env)
  if (existsSync(dataDir)) return dataDir
  throw new IocError(
    'FOLDER_UNUSABLE',
    `data folder ${resolve(dataDir)} does not exist: set IOC_DATA_DIR to the data folder of the centre`,
  )
}

/** When a credential expires, in a table. */
export const expiryText = (expires: number | null): string => (expires === null ? 'never' : displayStamp(expires))

/** The first line of standard input. */
export async function readPassword(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  const [line = ''] = Buffer.concat(chunks).toString('utf8').split(/\r?\n/, 1)
  return line
}

/** The store that the settings name. */
export function namedStore(): StoreTarget {
  return storeTarget(readOptions({ ...commonOptions, ...storeOptions }, process.env))
}

/** Prints for people, or one JSON document. */
export function print(json: boolean, document: unknown, text: string): void {
  process.stdout.write(json ? `${JSON.stringify(document, null, 2)}\n` : text)
}
