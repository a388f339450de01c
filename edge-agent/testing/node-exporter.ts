import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { freePort } from '@ioc/runtime/testing/free-port.ts'
import { hasProgram } from '@ioc/runtime/testing/has-program.ts'
import { onTestFinished } from 'vitest'

const binary = '/usr/bin/prometheus-node-exporter'

/** Whether Debian's node_exporter is there. With IOC_REQUIRE_REAL=1 its absence is a failure. */
export function hasNodeExporter(): boolean {
  return hasProgram(binary, 'prometheus-node-exporter')
}

export interface Metric {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** File systems of other machines, of memory, and images. */
const excludedTypes =
  '^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|pstore|ramfs|rpc_pipefs|securityfs|squashfs|sysfs|tmpfs|tracefs|9p|virtiofs|nfs.*|cifs|smb3|ceph|fuse.*)$'

/** Starts node_exporter, until the test ends. Resolves to a function that reads its metrics. */
export async function startNodeExporter(): Promise<() => Promise<Metric[]>> {
  const port = await freePort()
  const collectors = ['cpu', 'meminfo', 'filesystem', 'netdev', 'loadavg'].map((name) => `--collector.${name}`)
  const child = spawn(
    binary,
    [
      `--web.listen-address=127.0.0.1:${port}`,
      '--collector.disable-defaults',
      ...collectors,
      '--collector.filesystem.mount-points-exclude=^$',
      `--collector.filesystem.fs-types-exclude=${excludedTypes}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let lines = ''
  while (!lines.includes('Listening on')) lines += String((await once(child.stderr, 'data'))[0])
  child.stderr.resume()
  return async () => parseMetrics(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text())
}

function parseMetrics(text: string): Metric[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    if (name === undefined || value === undefined) return []
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key, text])
    return [{ name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) }]
  })
}
