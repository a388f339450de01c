import { IocError } from '@ioc/contract/errors.ts'

/** How lmdb says that a commit failed: the reason comes later, as a second rejection that nobody else would handle. */
interface CommitFailure extends Error {
  readonly commitError?: Promise<never>
}

/**
 * Waits for a commit.
 * @throws IocError LOG_FULL for whatever keeps it from the disk: nothing of the transaction is there then
 */
export async function committed(commit: Promise<unknown>): Promise<void> {
  try {
    await commit
  } catch (error) {
    const { commitError, message } = error as CommitFailure
    commitError?.catch(() => undefined)
    throw new IocError('LOG_FULL', `cannot write to disk: ${message}`, { cause: error })
  }
}
