import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseToken } from '@ioc/contract/enrolment-token.ts'
import { type ErrorCode, errorTable, IocError, isRetryable } from '@ioc/contract/errors.ts'
import type { ApiEnrolled, ApiEnrolRequested, ApiMachine } from '@ioc/contract/messages/api-enrol.ts'
import { credentialFile } from '@ioc/runtime/credential-file.ts'
import { readPrivateJson, writePrivateJson } from '@ioc/runtime/private-file.ts'
import { type Answer, type CentreApi, openCentreApi } from './centre-api.ts'
import type { AgentCredential } from './credential.ts'
import { describeMachine } from './machine.ts'

/** Time between two questions whether an operator has accepted the request, in ms. */
const pollMs = 2_000
/** Attempts to reach a centre before enrolment with a token fails, and the time between them, in ms. */
const maxAttempts = 5
const retryMs = 2_000

export interface EnrolSettings {
  readonly dataDir: string
  readonly version: string
  /** URL of the centre. */
  readonly centre: string
  /** Without one, an operator accepts the code that is printed. */
  readonly token: string | undefined
  readonly print: (line: string) => void
}

/** A request that an operator has not accepted yet, on disk: the same code holds after a restart. */
interface Waiting {
  readonly centre: string
  readonly token: string
  readonly code: string
}

/**
 * Makes this machine a node of a centre, and writes its credential. May be repeated: until the credential first connects,
 * the centre sends the same answer again.
 * @throws IocError what the centre answers, CENTRE_UNREACHABLE, CENTRE_UNTRUSTED, USAGE_INVALID, FOLDER_UNUSABLE
 */
export async function enrolMachine(settings: EnrolSettings): Promise<AgentCredential> {
  const { dataDir, token, print } = settings
  const given = token === undefined ? undefined : parseToken(token)
  if (token !== undefined && !given) {
    throw new IocError('ENROL_TOKEN_INVALID', 'the token is incomplete: it begins with "ioc1-", copy all of it')
  }
  const present = readEnrolled(dataDir)
  if (present?.token !== undefined && (given === undefined || present.token === given.id)) {
    print(`already enrolled as ${present.username} at ${present.centre ?? ''}`)
    return present
  }
  const machine = describeMachine(dataDir, settings.version)
  const api = await persistently(() => openCentreApi(settings.centre, given?.authority))
  const enrolled =
    token === undefined ? await enrolByCode(settings, api, machine) : await enrolByToken(api, token, machine)
  const { username, password, mqtt_url, ca } = enrolled.answer
  const credential: AgentCredential = {
    ...{ username, password, mqtt_url, ca },
    centre: api.url.origin,
    token: parseToken(enrolled.token)?.id ?? '',
  }
  writePrivateJson(credentialFile(dataDir, 'agent'), credential)
  rmSync(waitingFile(dataDir), { force: true })
  print(`enrolled as ${username} at ${api.url.origin}`)
  return credential
}

/** The credential of an enrolled agent. */
export function readEnrolled(dataDir: string): AgentCredential | undefined {
  return readPrivateJson(credentialFile(dataDir, 'agent')) as AgentCredential | undefined
}

interface Outcome {
  readonly token: string
  readonly answer: ApiEnrolled
}

async function enrolByToken(api: CentreApi, token: string, machine: ApiMachine): Promise<Outcome> {
  const answer = await persistently(() => api.post('/api/enrol', { token, ...machine }))
  if (answer.status !== 200) throw refusal(answer)
  return { token, answer: readEnrolment(answer) }
}

/**
 * The answer of a centre that accepted; not a page that a captive portal answers in its place.
 * @throws IocError CENTRE_UNREACHABLE
 */
function readEnrolment({ body }: Answer): ApiEnrolled {
  const enrolled = tryParse(body) as Partial<ApiEnrolled> | undefined
  if (typeof enrolled?.username === 'string' && typeof enrolled.password === 'string') return enrolled as ApiEnrolled
  throw new IocError(
    'CENTRE_UNREACHABLE',
    'the answer is not that of a centre: check the address, and whether the network requires a login',
  )
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Requests enrolment, and waits until an operator has accepted the code. */
async function enrolByCode({ dataDir, print }: EnrolSettings, api: CentreApi, machine: ApiMachine): Promise<Outcome> {
  let waiting = readPrivateJson(waitingFile(dataDir)) as Waiting | undefined
  if (waiting?.centre !== api.url.origin) {
    const answer = await persistently(() => api.post('/api/enrol/request', machine))
    if (answer.status !== 202) throw refusal(answer)
    const { token, code } = (tryParse(answer.body) ?? {}) as Partial<ApiEnrolRequested>
    if (token === undefined || code === undefined) throw refusal(answer)
    waiting = { centre: api.url.origin, token, code }
    writePrivateJson(waitingFile(dataDir), waiting)
  }
  const { token, code } = waiting
  print(`code ${code}: waiting until an administrator of ${api.url.origin} accepts it`)
  for (;;) {
    try {
      const answer = await api.post('/api/enrol', { token, ...machine })
      if (answer.status === 200) return { token, answer: readEnrolment(answer) }
      if (answer.status !== 202 && answer.status < 500) {
        rmSync(waitingFile(dataDir), { force: true })
        throw refusal(answer)
      }
    } catch (error) {
      // A centre that restarts meanwhile, or a line that is cut.
      if (!isRetryable(error)) throw error
    }
    await sleep(pollMs)
  }
}

const waitingFile = (dataDir: string): string => join(dataDir, 'credentials', 'enrolment.json')

/** Tries again while the centre cannot be reached. */
async function persistently<T>(attempt: () => Promise<T>): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt()
    } catch (error) {
      if (!isRetryable(error) || failures >= maxAttempts) throw error
      await sleep(retryMs)
    }
  }
}

/** What the centre answers in place of a credential. */
function refusal({ status, body }: Answer): IocError {
  const answer = (tryParse(body) ?? {}) as { error?: string; message?: string }
  const { error = '', message = `unexpected answer ${status}: check the address` } = answer
  const code = Object.hasOwn(errorTable, error) ? (error as ErrorCode) : 'ENROL_REJECTED'
  return new IocError(code, message)
}
