import { join } from 'node:path'
import type { SelfDeclaredType } from '@ioc/contract/device-types/self-declared.ts'
import { readPrivateText } from './private-file.ts'

/** The device types that nodes declared, with those that were removed. The processor writes it, and the command line reads it. */
export const typesFile = (dataDir: string): string => join(dataDir, 'stream-processor', 'types.json')

/** @throws Error where there is a file that cannot be read */
export function readTypes(dataDir: string): SelfDeclaredType[] {
  return JSON.parse(readPrivateText(typesFile(dataDir)) ?? '[]') as SelfDeclaredType[]
}
