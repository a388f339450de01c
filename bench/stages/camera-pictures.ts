import { type FaultOutcome, pictureFaults, watchDays } from '@ioc/camera-bridge/testing/picture-days.ts'
import { figure, quantile } from '../figure.ts'

/** Simulated camera-days: a thousand take half an hour. */
const wantedDays = Number(process.env['IOC_BENCH_CAMERA_DAYS'] ?? 40)
/** Of each camera, the first of them without a fault. */
const daysEach = 4
const size = { width: 96, height: 64 } as const
const seed = 18

/** How well faults of pictures are found: precision and recall of each, over generated days and nights of many cameras. */
export async function cameraPictures(): Promise<void> {
  const cameras = Math.max(1, Math.round(wantedDays / daysEach))
  const startedAt = performance.now()
  const { outcomes, pictures, cameraDays, mistakes } = await watchDays({ cameras, days: daysEach, seed, ...size })
  const detail = { cameras, camera_days: cameraDays, picture: `${size.width} x ${size.height}`, seed }
  figure('cameras.pictures.watched_per_s', (pictures / (performance.now() - startedAt)) * 1000, 'pictures/s', detail)
  for (const fault of pictureFaults) report(fault, outcomes[fault], detail)
  const frozen = outcomes.frozen.falseAlarms + outcomes.frozen_clock_runs.falseAlarms
  figure('cameras.pictures.false_frozen', frozen, 'alarms', detail)
  if (process.env['IOC_BENCH_MISTAKES'] === '1') for (const mistake of mistakes) process.stderr.write(`${mistake}\n`)
}

function report(fault: string, outcome: FaultOutcome, of: Readonly<Record<string, unknown>>): void {
  const { episodes, noticed, falseAlarms } = outcome
  const detail = { ...of, episodes, noticed, false_alarms: falseAlarms }
  const percent = (part: number, whole: number) => (whole === 0 ? Number.NaN : (100 * part) / whole)
  figure(`cameras.pictures.precision.${fault}`, percent(noticed, noticed + falseAlarms), '%', detail)
  figure(`cameras.pictures.recall.${fault}`, percent(noticed, episodes), '%', detail)
  const minutes = outcome.noticedMs.map((ms) => ms / 60_000).toSorted((a, b) => a - b)
  figure(`cameras.pictures.noticed_min.${fault}.p50`, quantile(minutes, 0.5), 'min', detail)
  figure(`cameras.pictures.noticed_min.${fault}.p95`, quantile(minutes, 0.95), 'min', detail)
}
