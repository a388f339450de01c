import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { IocError } from '@ioc/contract/errors.ts'
import { requireSlug } from '@ioc/contract/names.ts'
import { type NodeAddress, parseUsername } from '@ioc/contract/topics.ts'
import { readCredential } from '@ioc/runtime/credential-file.ts'
import type { CameraBridgeOptions } from './options.ts'

export interface Identity {
  readonly address: NodeAddress
  readonly password: string
}

/**
 * The credential of the bridge: from the settings, or from `credential.json` in its folder, which has what
 * `ioc node add SITE NODE` prints. Undefined where there is none, and all cameras are of sites with credentials of their own.
 * @throws IocError OPTION_INVALID, NAME_INVALID
 */
export async function findIdentity(options: CameraBridgeOptions, folder: string): Promise<Identity | undefined> {
  const { cameraSite: site, cameraNode: node, cameraPassword: password } = options
  if (password !== '') {
    if (site === '' || node === '') {
      throw new IocError('OPTION_INVALID', 'IOC_CAMERA_PASSWORD requires IOC_CAMERA_SITE and IOC_CAMERA_NODE')
    }
    const address = { site: requireSlug(site, 'IOC_CAMERA_SITE'), node: requireSlug(node, 'IOC_CAMERA_NODE') }
    return { address, password }
  }
  const path = join(folder, 'credential.json')
  if (!existsSync(path) && existsSync(siteCredentials(folder))) return undefined
  try {
    return await readIdentity(path)
  } catch (cause) {
    const what = `cannot read the credential ${path}: run \`ioc node add SITE NODE\` and save what it prints there, or set IOC_CAMERA_SITE, IOC_CAMERA_NODE and IOC_CAMERA_PASSWORD`
    throw new IocError('OPTION_INVALID', what, { cause })
  }
}

/** Credentials of further sites: `{site}.json`, each as `ioc node add SITE NODE` prints it. */
export const siteCredentials = (folder: string): string => join(folder, 'credentials')

/** The credential of a further site; undefined where there is none yet. @throws IocError OPTION_INVALID */
export async function siteIdentity(folder: string, site: string): Promise<Identity | undefined> {
  const path = join(siteCredentials(folder), `${site}.json`)
  if (!existsSync(path)) return undefined
  const identity = await readIdentity(path).catch((cause: unknown) => {
    throw new IocError('OPTION_INVALID', `cannot read the credential ${path}`, { cause })
  })
  if (identity.address.site !== site) {
    throw new IocError('OPTION_INVALID', `${path} has a credential of the site ${identity.address.site}`)
  }
  return identity
}

async function readIdentity(path: string): Promise<Identity> {
  const credential = await readCredential(path, 0)
  return { address: parseUsername(credential.username), password: credential.password }
}
