import { accessSync, constants } from 'node:fs'
import { IocError, isIocError } from '@ioc/contract/errors.ts'
import { type OptionSchema, type Options, readOptions } from '@ioc/contract/options.ts'
import type { Logger } from 'pino'
import { restrictNewFiles, restrictOldFiles } from './file-modes.ts'
import { makeFolder } from './folder.ts'
import { createLogger } from './logger.ts'
import { startSelfReport } from './self-report.ts'

/** A started component: `stop()` releases everything that starting it acquired. */
export interface Running {
  stop(): Promise<void>
  /** Figures that only this process knows, read at each self-report. */
  gauges?(): Record<string, number>
}

/** Longest time that a process takes to stop before it leaves anyway, in ms. */
const stopLimitMs = 10_000

/**
 * Runs one process of the centre: options from the environment, a logger, the component, and a clean stop on SIGINT,
 * SIGTERM, or the end of the parent that started it. What is wrong with its surroundings (a setting, a port, a folder)
 * ends it with one clear line and exit code 1.
 */
export async function runProcess<S extends OptionSchema>(
  name: string,
  schema: S,
  start: (options: Options<S>, logger: Logger) => Promise<Running>,
  filterLog?: (line: string) => string,
): Promise<void> {
  let running: Running | undefined
  let stopping = false
  try {
    const options = readOptions(schema, process.env)
    restrictNewFiles()
    const { dataDir } = options as { readonly dataDir?: unknown }
    if (typeof dataDir === 'string') restrictOldFiles(dataDir)
    const logger = createLogger(name, options, filterLog)
    const stop = async (reason: string): Promise<void> => {
      if (stopping) return
      stopping = true
      logger.debug({ reason }, 'stopping')
      setTimeout(() => process.exit(1), stopLimitMs).unref()
      await running?.stop()
      // A component that could not go on has set another.
      process.exit(process.exitCode ?? 0)
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
    process.on('disconnect', () => stop('parent process ended'))
    running = await start(options, logger)
    if (stopping) await running.stop()
    startSelfReport(name, () => running?.gauges?.() ?? {})
    logger.info('ready')
    process.send?.({ ready: true })
  } catch (error) {
    process.stderr.write(
      `${name}: ${isIocError(error) ? `${error.message} [${error.code}]` : (error as Error).stack}\n`,
    )
    process.exit(1)
  }
}

/**
 * Creates a folder, and what lies above it, and checks that it can be written to.
 * @throws IocError FOLDER_UNUSABLE
 */
export function ensureFolder(path: string): string {
  try {
    makeFolder(path)
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
    return path
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new IocError(
      'FOLDER_UNUSABLE',
      `cannot use the folder ${path} (${code}): grant this user write permission, or set IOC_DATA_DIR to another folder`,
      { cause },
    )
  }
}
