import { join } from 'node:path'

/** Exit code that asks the launcher to start the agent again, where it is the parent of the agent. */
export const restartCode = 75

/** Folder of the installed version, whose launcher started this agent; undefined where there is none. */
export const launcherFolder = (): string | undefined => process.env['IOC_AGENT_LAUNCHER'] || undefined

/** Whether the launcher decides about this version yet. */
export const isOnTrial = (): boolean => process.env['IOC_AGENT_TRIAL'] === '1'

/**
 * Starts the agent over through the launcher: in place, so that a service without supervision goes on too. It is called as
 * the process exits.
 */
export function restartThroughLauncher(): void {
  const folder = launcherFolder()
  if (folder !== undefined && process.execve) {
    const { IOC_AGENT_LAUNCHER: _, ...env } = process.env
    process.execve('/bin/sh', ['/bin/sh', join(folder, 'ioc-agent'), 'run'], env)
  }
  process.exitCode = restartCode
}
