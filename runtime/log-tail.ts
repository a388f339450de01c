import { type logLevels, maxLogLineChars, maxLogLines } from '@ioc/contract/messages/node-command.ts'

type LogLevel = (typeof logLevels)[number]

/** Least level of pino of each. */
const severities: Readonly<Record<LogLevel, number>> = { error: 50, warn: 40, info: 30, debug: 20 }

/** A shorter secret would be replaced in ordinary words and numbers; whoever chose it has none. */
const minSecretLength = 4
/** Secrets that are known at a time, at most. */
const maxSecrets = 5_000

/** What stands in place of a secret. */
const mask = '***'

/**
 * The newest log lines of a process, in memory, without secrets. It stands between the logger and its output, so that secrets
 * reach neither.
 */
export class LogTail {
  readonly #lines: { readonly level: number; readonly text: string }[] = []
  readonly #secrets = new Set<string>()

  /** Replaces a text from now on, wherever it stands in a log line or a report. */
  addSecret(secret: string): void {
    if (secret.length < minSecretLength || this.#secrets.size >= maxSecrets) return
    // As it stands in JSON and in a URL, too.
    for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret.toWellFormed())]) {
      this.#secrets.add(form)
    }
  }

  /** The text without secrets: those that are known, and what a URL has before its host. */
  redact(text: string): string {
    let redacted = text.replace(/(\w:\/\/)[^\s/"'@]+@/g, `$1${mask}@`)
    for (const secret of this.#secrets) redacted = redacted.replaceAll(secret, mask)
    return redacted
  }

  /** Takes a line of the logger, and returns it without secrets. */
  take(line: string): string {
    const redacted = this.redact(line)
    const level = Number(/"level":(\d+)/.exec(redacted)?.[1] ?? severities.info)
    this.#lines.push({ level, text: redacted.slice(0, maxLogLineChars) })
    if (this.#lines.length > maxLogLines) this.#lines.shift()
    return redacted
  }

  /** The newest lines of a level or a more severe one, oldest first, and how many more there are. */
  newest(max: number, level: LogLevel): { readonly lines: string[]; readonly leftOut: number } {
    const fitting = this.#lines.filter((line) => line.level >= severities[level])
    const leftOut = Math.max(0, fitting.length - max)
    return { lines: fitting.slice(leftOut).map(({ text }) => text), leftOut }
  }
}
