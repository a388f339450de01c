import { userInfo } from 'node:os'
import { authorityDigest } from '@ioc/broker/credentials/certificates.ts'
import { openCredentialStore } from '@ioc/broker/credentials/credential-store.ts'
import { type EnrolmentStore, openEnrolmentStore } from '@ioc/broker/credentials/enrolment-store.ts'
import { commonOptions, tlsOptions } from '@ioc/contract/common-options.ts'
import { maxTokenSeconds, maxTokenUses } from '@ioc/contract/messages/api-enrol.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { displayStamp } from '@ioc/runtime/display-time.ts'
import { tableLines } from '@ioc/stream-processor/explain/text.ts'
import { countArgument, existingDataDir, expiryArgument, misused, oneOf, print, readArguments } from './arguments.ts'
import type { Command } from './command.ts'
import { noteChange } from './note-change.ts'

const usage =
  'enrol token --site SITE [--node NAME] [--uses N] [--expires 24h] | list | revoke ID | pending | accept CODE --site SITE [--node NAME] | reject CODE'
const actions = ['token', 'list', 'revoke', 'pending', 'accept', 'reject'] as const

export const enrol: Command = {
  usage,
  title: 'enrol machines as nodes: by a token, or by accepting the code that a machine shows',
  help:
    '  token prints a token, which is shown this once; on the machine: ioc-agent enrol URL TOKEN.\n' +
    '  NAME is a name, or a pattern with {host} (the name of the machine) or {n} (a number); by default {host}.\n' +
    '  list shows the tokens, pending the machines that wait; "ioc node list" shows the nodes.\n',
  async run(args) {
    const flags = {
      site: { type: 'string' },
      node: { type: 'string' },
      uses: { type: 'string', default: '1' },
      expires: { type: 'string', default: '24h' },
      json: { type: 'boolean', default: false },
    } as const
    const { positionals, values } = readArguments(args, flags, usage, ['ACTION', '[ID]'])
    const [word = '', subject = ''] = positionals
    const action = oneOf(actions, word, 'ACTION', usage)
    const takesSubject = action === 'revoke' || action === 'accept' || action === 'reject'
    if (takesSubject && subject === '') throw misused(`${action === 'revoke' ? 'ID' : 'CODE'} is missing`, usage)
    if (!takesSubject && subject !== '') throw misused(`unexpected argument ${JSON.stringify(subject)}`, usage)
    const store = openStore()
    const now = Date.now()
    const by = userInfo().username
    switch (action) {
      case 'token': {
        const uses = countArgument(values.uses, '--uses', usage)
        if (uses > maxTokenUses) throw misused(`--uses must be at most ${maxTokenUses}`, usage)
        const added = store.addToken({ ...grantOf(values), uses, validMs: validity(values.expires, now), by }, now)
        const detail = { id: added.id, uses, expires: added.expires }
        noteChange({ what: 'enrolment.token', target: values.site ?? '', detail })
        print(values.json, added, `${added.token}\n`)
        return 0
      }
      case 'list':
        listTokens(store, now, values.json)
        return 0
      case 'revoke':
        store.revokeToken(subject)
        noteChange({ what: 'enrolment.revoke', target: subject })
        process.stdout.write(`token ${subject} revoked; nodes that it enrolled stay\n`)
        return 0
      case 'pending':
        listPending(store, now, values.json)
        return 0
      case 'accept': {
        const grant = grantOf(values)
        const { code, host } = store.accept(subject, grant, by, now)
        noteChange({ what: 'enrolment.accept', target: grant.site, detail: { code, host } })
        process.stdout.write(`${host} (code ${code}) accepted into ${grant.site}\n`)
        return 0
      }
      case 'reject': {
        const { code, host } = store.reject(subject, now)
        noteChange({ what: 'enrolment.reject', target: code, detail: { host } })
        process.stdout.write(`${host} (code ${code}) rejected\n`)
        return 0
      }
      default:
        return action satisfies never
    }
  },
}

function openStore(): EnrolmentStore {
  const dataDir = existingDataDir()
  const settings = readOptions({ ...commonOptions, ...tlsOptions }, process.env)
  return openEnrolmentStore(dataDir, openCredentialStore(dataDir), () => authorityDigest(settings))
}

/** @throws IocError USAGE_INVALID */
function grantOf({ site, node }: { site?: string | undefined; node?: string | undefined }) {
  if (site === undefined) throw misused('--site is missing', usage)
  return { site, ...(node === undefined ? {} : { node }) }
}

/** How long a token is valid, in ms: a token that anybody who finds it could use must end. @throws IocError USAGE_INVALID */
function validity(text: string, now: number): number {
  const expires = expiryArgument(text, now, usage)
  if (expires !== null && expires - now <= maxTokenSeconds * 1000) return expires - now
  throw misused(`--expires must be within 30 days, got ${JSON.stringify(text)}`, usage)
}

function listTokens(store: EnrolmentStore, now: number, json: boolean): void {
  const tokens = store.tokens(now)
  const rows = tokens.map(({ id, site, node, uses, used, expires, by }) => {
    const state = expires <= now ? 'expired' : used >= uses ? 'used' : 'valid'
    return [id, site, node, `${used}/${uses}`, state, displayStamp(expires), by]
  })
  const titles = ['id', 'site', 'node', 'used', 'state', 'expires', 'by']
  print(json, tokens, `${tableLines([titles, ...rows], titles.length).join('\n')}\n`)
}

function listPending(store: EnrolmentStore, now: number, json: boolean): void {
  const pending = store.pending(now)
  const rows = pending.map(({ code, host, arch, machine, address, requested }) => [
    ...[code, host, arch, machine, address, displayStamp(requested)],
  ])
  const titles = ['code', 'host', 'platform', 'machine', 'address', 'requested']
  print(json, pending, `${tableLines([titles, ...rows], titles.length).join('\n')}\n`)
}
