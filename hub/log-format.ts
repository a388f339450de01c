import { escapeControls } from '@ioc/runtime/control-characters.ts'
import { displayTime } from '@ioc/runtime/display-time.ts'

const levels: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}
const nameWidth = 'stream-processor'.length

/**
 * A line for people: a process's JSON log line as time, name, level, message and its other fields; any other line as it is.
 * Control characters are escaped: a field may hold what a client named.
 */
export function formatLine(name: string, line: string): string {
  return escapeControls(format(name, line))
}

function format(name: string, line: string): string {
  const entry = parse(line)
  const prefix = name.padEnd(nameWidth)
  if (!entry) return `${clock(Date.now())} ${prefix} ${line}`
  const { level, time, name: _name, msg, err, ...rest } = entry
  const fields = Object.entries(rest).map(
    ([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  const cause = err === undefined ? '' : ` (${(err as { message?: string }).message ?? JSON.stringify(err)})`
  return `${clock(Number(time))} ${prefix} ${(levels[Number(level)] ?? '').padEnd(5)} ${msg ?? ''}${cause}${fields.join('')}`
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{"level"')) return undefined
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined
  }
}

/** In the display zone, whatever the zone of the machine. */
function clock(ms: number): string {
  return displayTime(ms).slice(11, 19)
}
