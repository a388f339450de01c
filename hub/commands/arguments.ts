import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { commonOptions, storeOptions } from '@ioc/contract/common-options.ts'
import { IocError } from '@ioc/contract/errors.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { type StoreTarget, storeTarget } from '@ioc/storage/target.ts'

type Parsed<O extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ args: string[]; allowPositionals: true; options: O }>
>

/**
 * Takes a command's arguments apart.
 * @param usage what to say where they are not as they should be
 * @throws IocError OPTION_INVALID
 */
export function readArguments<const O extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: O,
  usage: string,
): Parsed<O> {
  try {
    return parseArgs({ args: joinTimes(args, options), allowPositionals: true, options })
  } catch (error) {
    throw misused(`${(error as Error).message.split(/[.\n]/, 1)[0]}`, usage)
  }
}

/** Puts `--from -7d` as `--from=-7d`: what begins with a minus is taken for an option. */
function joinTimes(args: readonly string[], options: ParseArgsOptionsConfig): string[] {
  const joined: string[] = []
  for (const arg of args) {
    const before = joined.at(-1) ?? ''
    const takesText = before.startsWith('--') && options[before.slice(2)]?.type === 'string'
    if (takesText && /^-\d/.test(arg)) joined[joined.length - 1] = `${before}=${arg}`
    else joined.push(arg)
  }
  return joined
}

export function misused(what: string, usage: string): IocError {
  return new IocError('OPTION_INVALID', `${what}: say ioc ${usage}`)
}

/** One of the words that an argument may be. */
export function oneOf<T extends string>(words: readonly T[], text: string, name: string, usage: string): T {
  const word = words.find((one) => one === text)
  if (word === undefined) throw misused(`${name} is ${words.join(', ')}, not ${text}`, usage)
  return word
}

/** The store that the settings name. */
export function namedStore(): StoreTarget {
  return storeTarget(readOptions({ ...commonOptions, ...storeOptions }, process.env))
}
