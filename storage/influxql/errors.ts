import { IocError } from '@ioc/contract/errors.ts'

/** What a statement asks for and cannot have: the statement's answer is this error, the others of the query go on. */
export function refuse(message: string): IocError {
  return new IocError('QUERY_INVALID', message)
}
