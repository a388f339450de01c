import { analyse } from './analyse/analyse.ts'
import { checkDatabase, policyName } from './analyse/resolve.ts'
import { execute } from './execute.ts'
import { matchingBy } from './regexes.ts'
import { runShow } from './show.ts'
import type { Answer, QuerySource } from './source.ts'
import type { Statement } from './syntax/ast.ts'

/**
 * Runs one statement.
 * @param now nanoseconds
 * @throws IocError QUERY_INVALID for what the statement cannot have
 */
export async function runStatement(source: QuerySource, statement: Statement, now: bigint): Promise<Answer> {
  switch (statement.kind) {
    case 'select': {
      const plan = await analyse({ ...source, matching: matchingBy(source.read) }, statement, now)
      return { series: await execute(source, plan), zone: statement.zone }
    }
    case 'show':
      return runShow(source, statement, now)
    case 'show databases':
      return { series: [{ name: 'databases', columns: ['name'], values: [[source.database]] }] }
    case 'show retention policies':
      checkDatabase(source, statement.database)
      return {
        series: [
          {
            columns: ['name', 'duration', 'shardGroupDuration', 'replicaN', 'default'],
            values: [[policyName, '0s', '168h0m0s', 1n, true]],
          },
        ],
      }
    case 'create database':
      return { series: [] }
  }
}
