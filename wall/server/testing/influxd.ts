import { post } from '@ioc/storage/testing/http.ts'
import { startDebianInflux } from '@ioc/storage/testing/real-influx.ts'

export interface Influxd {
  readonly port: number
  /** Writes lines with times in ms. */
  write(lines: readonly string[]): Promise<void>
  stop(): Promise<void>
}

/** Starts Debian's InfluxDB with the database `ioc`, what users have who outgrew the embedded store. */
export async function startInfluxd(): Promise<Influxd> {
  const { target, stop } = await startDebianInflux('ioc')
  return {
    port: Number(new URL(target.url).port),
    async write(lines) {
      const { status, text } = await post(target, lines.join('\n'), 'ms')
      if (status !== 204) throw new Error(text)
    },
    stop,
  }
}
