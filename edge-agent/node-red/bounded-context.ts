/** Characters of a value of the context, as JSON, at most. */
const maxValueChars = 65_536
/** Values of the context of all nodes, flows and the global one, at most. */
const maxValues = 2_000

type Callback = (error?: unknown, ...values: unknown[]) => void

/** The part of Node-RED's store in memory that is used here. */
interface Memory {
  set(scope: string, key: unknown, value: unknown, callback?: Callback): void
}

/**
 * Makes Node-RED's store of context in memory refuse values that are too large, and more than so many: a flow that gathers
 * values without end fails at its own node.
 */
export function boundedContext(memory: (config: object) => Memory): (config: object) => Memory {
  return (config) => {
    const store = memory(config)
    const known = new Set<string>()
    const set = store.set.bind(store)
    store.set = (scope, key, value, callback) => {
      const keys = (Array.isArray(key) ? key : [key]).map((one) => `${scope} ${String(one)}`)
      const problem = problemOf(value, new Set([...known, ...keys]).size)
      if (problem) {
        if (!callback) throw problem
        return callback(problem)
      }
      for (const one of keys) known.add(one)
      set(scope, key, value, callback)
    }
    return store
  }
}

function problemOf(value: unknown, values: number): Error | undefined {
  if (values > maxValues) return new Error(`context: expected at most ${maxValues} values`)
  let length: number
  try {
    length = JSON.stringify(value)?.length ?? 0
  } catch (error) {
    return new Error(`context: ${(error as Error).message}`)
  }
  return length > maxValueChars
    ? new Error(`context: a value of ${length} characters; expected at most ${maxValueChars}`)
    : undefined
}
