import { type Account, AccountStore, type Grant } from '@ioc/accounts/account-store.ts'
import type { AuditEntry } from '@ioc/accounts/audit-log.ts'
import { generatePassword } from '@ioc/accounts/password.ts'
import { commonOptions, districtOptions } from '@ioc/contract/common-options.ts'
import { isExpired } from '@ioc/contract/credential-expiry.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { roles } from '@ioc/contract/roles.ts'
import { displayStamp } from '@ioc/runtime/display-time.ts'
import { loadDistrict } from '@ioc/runtime/district/district.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { tableLines } from '@ioc/stream-processor/explain/text.ts'
import { referencesOf } from '@ioc/stream-processor/indicators/table.ts'
import {
  existingDataDir,
  expiryArgument,
  expiryText,
  misused,
  oneOf,
  print,
  readArguments,
  readPassword,
} from './arguments.ts'
import type { Command } from './command.ts'
import { noteChange } from './note-change.ts'

const usage =
  'user add|set NAME --role ROLE [--area CODE]… [--unit ID] | passwd NAME | remove NAME | list | token NAME TITLE [--expires 90d] | tokens | revoke ID'
const actions = ['add', 'set', 'passwd', 'remove', 'list', 'token', 'tokens', 'revoke'] as const

export const user: Command = {
  usage,
  title: 'manage the users of the wall; changes take effect at once',
  help:
    `  ROLE is ${roles.join(', ')}. --area, once for each area, and --unit limit what the user reads.\n` +
    '  add and passwd print a generated password, or read one from standard input with --stdin.\n' +
    '  set replaces role and limits. token prints an API token, which is shown this once;\n  --expires ends it after a span or at a time.\n',
  async run(args) {
    const flags = {
      role: { type: 'string' },
      area: { type: 'string', multiple: true },
      unit: { type: 'string' },
      expires: { type: 'string' },
      stdin: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    } as const
    const { positionals, values } = readArguments(args, flags, usage, ['ACTION', '[NAME]', '[TITLE]'])
    const [word = '', name = '', title = ''] = positionals
    const action = oneOf(actions, word, 'ACTION', usage)
    const isList = action === 'list' || action === 'tokens'
    if (!isList && name === '') throw misused(`${action === 'revoke' ? 'ID' : 'NAME'} is missing`, usage)
    if (values.expires !== undefined && action !== 'token') throw misused('--expires is for token', usage)
    if (action === 'token' && title === '') throw misused('TITLE is missing: what the token is for', usage)
    const dataDir = action === 'add' ? readOptions(commonOptions, process.env).dataDir : existingDataDir()
    const store = new AccountStore(dataDir)
    const password = async () => (values.stdin ? await readPassword() : generatePassword())
    const showPassword = (of: string) => (values.stdin ? '' : `${JSON.stringify({ name, password: of })}\n`)
    switch (action) {
      case 'add': {
        const grant = grantOf(values)
        const first = await password()
        await store.add(name, grant, first)
        noteChange({ what: 'user.add', target: name, detail: detailOf(grant) })
        process.stdout.write(showPassword(first))
        return 0
      }
      case 'set': {
        const grant = grantOf(values)
        store.set(name, grant)
        noteChange({ what: 'user.set', target: name, detail: detailOf(grant) })
        return 0
      }
      case 'passwd': {
        const next = await password()
        await store.setPassword(name, next)
        noteChange({ what: 'user.password', target: name })
        process.stdout.write(showPassword(next))
        return 0
      }
      case 'remove':
        store.remove(name)
        noteChange({ what: 'user.remove', target: name })
        process.stdout.write(`user ${name} removed\n`)
        return 0
      case 'list':
        list(store.list(), values.json)
        return 0
      case 'token': {
        const expires = expiryArgument(values.expires ?? 'never', Date.now(), usage)
        const token = store.addToken(name, title, expires)
        noteChange({ what: 'token.add', target: name, detail: { title, ...(expires === null ? {} : { expires }) } })
        process.stdout.write(`${JSON.stringify({ name, token })}\n`)
        return 0
      }
      case 'tokens': {
        const tokens = store.tokens()
        const rows = tokens.map(({ id, user: owner, title: what, created, expires }) => [
          ...[id, owner, what, stamp(created), expiryText(expires)],
          isExpired({ expires }, Date.now()) ? 'expired' : 'valid',
        ])
        const titles = ['id', 'user', 'title', 'created', 'expires', 'state']
        print(values.json, tokens, `${tableLines([titles, ...rows], titles.length).join('\n')}\n`)
        return 0
      }
      case 'revoke': {
        const { user: owner, title: what } = store.removeToken(name)
        noteChange({ what: 'token.remove', target: owner, detail: { title: what } })
        process.stdout.write(`token ${name} of ${owner} revoked\n`)
        return 0
      }
      default:
        return action satisfies never
    }
  },
}

interface GrantFlags {
  readonly role?: string | undefined
  readonly area?: readonly string[] | undefined
  readonly unit?: string | undefined
}

/** @throws IocError USAGE_INVALID */
function grantOf({ role, area, unit }: GrantFlags): Grant {
  if (role === undefined) throw misused('--role is missing', usage)
  if (area?.some((code) => code.trim() === '') || unit === '') throw misused('--area and --unit need a value', usage)
  const limits = { ...(area ? { areas: [...new Set(area)] } : {}), ...(unit === undefined ? {} : { unit }) }
  if (area || unit !== undefined) requirePlaces(area ?? [], unit)
  return { role: oneOf(roles, role, '--role', usage), ...limits }
}

/** A mistyped limit would hide everything. @throws IocError USAGE_INVALID, DISTRICT_INVALID */
function requirePlaces(codes: readonly string[], unit: string | undefined): void {
  const options = readOptions({ ...commonOptions, ...districtOptions }, process.env)
  const { areas, units } = loadDistrict(options, Date.now(), createLogger('ioc', options), referencesOf).described
  const unknown = codes.find((code) => !areas.some((one) => one.code === code))
  if (unknown !== undefined)
    throw misused(
      `--area ${unknown} is not one of ${areas.map(({ code, name }) => `${code} (${name})`).join(', ')}`,
      usage,
    )
  if (unit !== undefined && !units.some(({ id }) => id === unit))
    throw misused(`--unit ${unit} is not one of ${units.map(({ id }) => id).join(', ')}`, usage)
}

function detailOf({ role, areas, unit }: Grant): NonNullable<AuditEntry['detail']> {
  return { role, ...(areas ? { areas } : {}), ...(unit === undefined ? {} : { unit }) }
}

function list(accounts: readonly Account[], json: boolean): void {
  const listed = accounts.map(({ name, role, areas = null, unit = null, created }) => ({
    name,
    role,
    areas,
    unit,
    created,
  }))
  const rows = listed.map(({ name, role, areas, unit, created }) => [
    name,
    role,
    areas?.join(', ') ?? '',
    unit ?? '',
    stamp(created),
  ])
  print(json, listed, `${tableLines([['name', 'role', 'areas', 'unit', 'created'], ...rows], 5).join('\n')}\n`)
}

const stamp = (text: string) => displayStamp(Date.parse(text))
