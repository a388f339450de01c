import { IocError } from '@ioc/contract/errors.ts'
import type { Position } from './syntax/ast.ts'

/** What a statement asks for and cannot have: the statement's answer is this error, the others of the query go on. */
export function refuse(message: string, at?: Position): IocError {
  return new IocError('QUERY_INVALID', at ? `${message} at line ${at.line}, char ${at.char}` : message)
}
