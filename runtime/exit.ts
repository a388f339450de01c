/** Stops this process, which cannot go on, with exit code 1. Whoever supervises it starts it again. */
export function stopFailed(): void {
  process.exitCode = 1
  process.kill(process.pid, 'SIGTERM')
}

/** Ends a command whose reader has seen enough, as `head` has: that is no error. */
export function endWithReader(): void {
  process.stdout.on('error', () => process.exit(0))
}
