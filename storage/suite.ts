import { aggregateQueries } from './suite/aggregates.ts'
import { arithmeticQueries } from './suite/arithmetic.ts'
import { castQueries } from './suite/casts.ts'
import { refusedQueries } from './suite/refused.ts'
import { rowQueries } from './suite/rows.ts'
import { showQueries } from './suite/show.ts'
import { subqueryQueries } from './suite/subqueries.ts'
import { timeQueries } from './suite/times.ts'
import { transformationQueries } from './suite/transformations.ts'

/** Data and questions that every store must answer alike: what Grafana, the boards and people ask. */

export { suiteLines } from './suite/data.ts'

/** Asked of both stores; the answers must be equal. */
export const suiteQueries: readonly string[] = [
  ...rowQueries,
  ...castQueries,
  ...arithmeticQueries,
  ...aggregateQueries,
  ...transformationQueries,
  ...timeQueries,
  ...subqueryQueries,
  ...showQueries,
]

/** Asked of both stores; both must refuse. */
export const suiteRefusals: readonly string[] = refusedQueries
