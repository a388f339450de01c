/** Text as an expression of SQL. A literal ends at the character 0, which names and values may have. */
export function sqlText(text: string): string {
  const literals = text.split('\0').map((part) => `'${part.replaceAll("'", "''")}'`)
  return literals.length === 1 ? (literals[0] as string) : `(${literals.join(' || chr(0) || ')})`
}

/** Numbers that may lie between those of series, for each of these, in a list that is looked up. */
const maxSparse = 64

/**
 * SQL of a number for each series. To look it up in a list takes a fraction of the time that a join with a table does, and
 * a list that is read from text a third of that of one that is parsed as SQL.
 */
export function lookupSql(numbers: ReadonlyMap<number, number>): string {
  const sids = [...numbers.keys()].sort((a, b) => a - b)
  const [first = 0] = sids
  const span = (sids.at(-1) ?? 0) - first + 1
  if (span > maxSparse * sids.length) {
    const entries = sids.map((sid) => `${sid}: ${numbers.get(sid)}`)
    return `MAP {${entries.join(', ')}}[sid]`
  }
  const list = Array.from({ length: span }, (_, index) => numbers.get(first + index) ?? 'NULL')
  // A row that a condition excludes may be looked up before that is asked: its number may be less than the first.
  return `('[${list.join(',')}]'::INTEGER[])[CAST(sid AS BIGINT) - ${first} + 1]`
}
