import { readFileSync } from 'node:fs'
import { IocError } from '@ioc/contract/errors.ts'
import { requireSlug } from '@ioc/contract/names.ts'
import { type NodeAddress, parseUsername, username } from '@ioc/contract/topics.ts'
import { type Credential, credentialFile, readCredential } from '@ioc/runtime/credential-file.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import { writePrivateJson } from '@ioc/runtime/private-file.ts'
import type { AgentOptions } from './options.ts'

/** The credential of an agent; where it was enrolled, also the centre that it belongs to. */
export interface AgentCredential extends Credential {
  /** URL of the broker. */
  readonly mqtt_url?: string
  /** Certificate authority of the centre in PEM. */
  readonly ca?: string | null
  /** URL of the centre. */
  readonly centre?: string
  /** Id of the token that it was enrolled with. */
  readonly token?: string
  /** A new password that the broker has not accepted yet. Either of the two is valid: it is tried first. */
  readonly next_password?: string
}

/** Who the agent is, and how it proves it. */
export interface Identity {
  readonly address: NodeAddress
  /** URL of the broker, as the centre named it at enrolment. */
  readonly url: string | undefined
  /** Certificate authority that the agent pins. */
  readonly ca: string | undefined
  /** The password as it is now. */
  password(): string
  /**
   * Notes a new password on disk, before it is first used: from then on the broker may accept it alone.
   * @throws IocError OPTION_INVALID where the password is a setting
   */
  changePassword(password: string): void
  /** The broker accepted the last password, or refused it. Returns whether that decided on a new one. */
  decide(isAccepted: boolean): boolean
}

/**
 * Takes the identity from the settings, or from the file that the broker writes on its first start: then it waits for
 * the file as long as it takes.
 * @throws IocError OPTION_INVALID, NAME_INVALID
 */
export async function findIdentity(options: AgentOptions, logger: Logger): Promise<Identity> {
  const { agentSite: site, agentNode: node, agentPassword } = options
  // Without a password, site and node are what the broker of this machine named its agent by: the file has them.
  if (agentPassword !== '') {
    if (site === '' || node === '') {
      throw new IocError('OPTION_INVALID', 'IOC_AGENT_PASSWORD requires IOC_AGENT_SITE and IOC_AGENT_NODE')
    }
    return {
      address: { site: requireSlug(site, 'IOC_AGENT_SITE'), node: requireSlug(node, 'IOC_AGENT_NODE') },
      url: undefined,
      ca: undefined,
      password: () => agentPassword,
      changePassword() {
        throw new IocError('OPTION_INVALID', 'the password of this agent is set by IOC_AGENT_PASSWORD')
      },
      decide: () => false,
    }
  }
  const path = credentialFile(options.dataDir, 'agent')
  let credential = await waitForCredential(path, logger)
  const address = parseUsername(credential.username)
  return {
    address,
    url: credential.mqtt_url,
    ca: credential.ca ?? undefined,
    password() {
      // It may have been replaced; while it is being written, the last one that was read stands.
      const now = tryRead(path)
      if (now?.username === username(address)) credential = now
      return credential.next_password ?? credential.password
    },
    changePassword(next) {
      credential = { ...credential, next_password: next }
      writePrivateJson(path, credential)
    },
    decide(isAccepted) {
      const { next_password: next, ...decided } = credential
      if (next === undefined) return false
      credential = isAccepted ? { ...decided, password: next } : decided
      writePrivateJson(path, credential)
      return true
    },
  }
}

async function waitForCredential(path: string, logger: Logger): Promise<AgentCredential> {
  for (;;) {
    try {
      return await readCredential(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        throw new IocError('FOLDER_UNUSABLE', `cannot read ${path}: ${(error as Error).message}`, { cause: error })
      }
      logger.warn(
        { path },
        'waiting for the credential: start the broker once, or set IOC_AGENT_SITE, IOC_AGENT_NODE and IOC_AGENT_PASSWORD',
      )
    }
  }
}

function tryRead(path: string): AgentCredential | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as AgentCredential
  } catch {
    return undefined
  }
}
