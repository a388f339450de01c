import { Worker } from 'node:worker_threads'
import type { Reason } from '../../mapping/value.ts'
import {
  maxFileBytes,
  maxParseMs,
  maxUnpackedBytes,
  type ParseAnswer,
  type ParseRequest,
  type Sheet,
} from './sheets.ts'
import { unpackedBytes } from './zip.ts'

/** The heap of the parser, in MB: what a workbook within the other limits needs. */
const maxHeapMb = 512

/** Nothing of a file is used; its outcome has the reason. */
export class FileRefused extends Error {
  readonly reason: Reason
  constructor(reason: Reason) {
    super(reason.en)
    this.reason = reason
  }
}

/** @throws FileRefused */
export function requireSize(bytes: number): void {
  const limit = maxFileBytes / 1e6
  if (bytes > maxFileBytes)
    throw new FileRefused({ vi: `tệp lớn hơn ${limit} MB`, en: `the file is larger than ${limit} MB` })
}

/**
 * Parses a file within the limits of `sheets.ts`.
 * @throws FileRefused
 */
export async function parseFile(request: ParseRequest, signal: AbortSignal): Promise<readonly Sheet[]> {
  requireSize(request.bytes.byteLength)
  const { buffer, byteOffset, byteLength } = request.bytes
  if (unpackedBytes(Buffer.from(buffer, byteOffset, byteLength)) > maxUnpackedBytes) {
    const limit = maxUnpackedBytes / 1e6
    throw new FileRefused({
      vi: `nội dung nén của tệp lớn hơn ${limit} MB`,
      en: `its parts are larger than ${limit} MB`,
    })
  }
  const answer = await inWorker(request, signal)
  if ('refused' in answer) throw new FileRefused(answer.refused)
  return answer.sheets
}

const tooSlow: Reason = {
  vi: `đọc tệp quá ${maxParseMs / 1000} giây`,
  en: `reading takes longer than ${maxParseMs / 1000} s`,
}

async function inWorker(request: ParseRequest, signal: AbortSignal): Promise<ParseAnswer> {
  const worker = new Worker(new URL('./parse-worker.ts', import.meta.url), {
    workerData: request,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
  })
  const limit = AbortSignal.any([signal, AbortSignal.timeout(maxParseMs)])
  try {
    return await new Promise<ParseAnswer>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', (error) => {
        const isHeap = (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY'
        if (isHeap) resolve({ refused: { vi: 'tệp cần quá nhiều bộ nhớ', en: 'the file needs too much memory' } })
        else reject(error)
      })
      limit.addEventListener('abort', () => {
        if (signal.aborted) reject(signal.reason)
        else resolve({ refused: tooSlow })
      })
    })
  } finally {
    await worker.terminate()
  }
}
