/** A command of `ioc`. */
export interface Command {
  readonly usage: string
  readonly title: string
  /** What `--help` prints below the title. */
  readonly help?: string
  /** Resolves to the exit code. */
  run(args: readonly string[]): Promise<number>
}
