import { type DataSize, endMs, measurement, sites } from './data.ts'

const hourMs = 3_600_000

/** What boards ask most. The number differs from one time to the next, so that no answer is one from before. */
export const queries: Readonly<Record<string, (size: DataSize, turn: number) => string>> = {
  last_per_device: () => `SELECT last(m0) FROM ${measurement} GROUP BY device`,
  last_per_device_1h: (size) => `SELECT last(m0) FROM ${measurement} WHERE ${since(size, 1)} GROUP BY device`,
  hour_by_10s: (size, turn) =>
    `SELECT mean(m0) FROM ${measurement} WHERE ${device(size, turn)} AND ${since(size, 1)} GROUP BY time(10s) fill(none)`,
  day_by_1m: (size, turn) =>
    `SELECT mean(m1) FROM ${measurement} WHERE ${device(size, turn)} AND ${since(size, 24)} GROUP BY time(1m)`,
  month_by_1h: (size, turn) =>
    `SELECT mean(m2) FROM ${measurement} WHERE ${device(size, turn)} AND ${since(size, 720)} GROUP BY time(1h)`,
  month_by_1d_all_devices: (size) =>
    `SELECT mean(m3), max(m3) FROM ${measurement} WHERE ${since(size, 720)} GROUP BY time(1d), site`,
  tag_values: () => `SHOW TAG VALUES FROM ${measurement} WITH KEY = device`,
  top_10_devices_1h: (size) => `SELECT top(m4, device, 10) FROM ${measurement} WHERE ${since(size, 1)}`,
  p95_by_1h_of_site: (size, turn) =>
    `SELECT percentile(m5, 95) FROM ${measurement} WHERE site = 's${turn % sites}' AND ${since(size, 24)} GROUP BY time(1h)`,
  rows_of_device_1h: (size, turn) => `SELECT * FROM ${measurement} WHERE ${device(size, turn)} AND ${since(size, 1)}`,
}

function device({ devices }: DataSize, turn: number): string {
  return `device = 'd${(turn * 37) % devices}'`
}

/** The last hours of the data. */
function since(size: DataSize, hours: number): string {
  const end = endMs(size)
  return `time >= ${end - hours * hourMs}ms AND time < ${end}ms`
}
