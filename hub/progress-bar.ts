const barWidth = 40
/** Without a terminal, progress is printed as one line per step of this size. */
const stepPercent = 10

export interface ProgressBar {
  /** Prints a line above the bar. */
  readonly print: (line: string) => void
  /** Draws the bar anew; `undefined` removes it. */
  show(what: string | undefined, percent: number): void
}

/** A bar on the last line of a terminal, below the lines that are printed meanwhile. */
export function createProgressBar(output: NodeJS.WriteStream): ProgressBar {
  let bar = ''
  let lastStep = ''
  const draw = (line: string) => {
    if (output.isTTY) output.write(`\r\x1b[K${line === '' ? '' : `${line}\n`}${bar}`)
    else if (line !== '') output.write(`${line}\n`)
  }
  return {
    print: draw,
    show(what, percent) {
      const full = Math.round((percent / 100) * barWidth)
      const before = bar
      bar = what === undefined ? '' : `${'█'.repeat(full)}${'░'.repeat(barWidth - full)} ${percent} % ${what}`
      if (output.isTTY) return bar === before ? undefined : draw('')
      const step = what === undefined ? '' : `${what}: ${Math.floor(percent / stepPercent) * stepPercent} %`
      if (step !== lastStep && step !== '') draw(step)
      lastStep = step
    },
  }
}
