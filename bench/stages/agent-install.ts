import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { ApiBundles } from '@ioc/contract/messages/api-enrol.ts'
import { freePorts } from '@ioc/runtime/testing/free-port.ts'
import { runIoc, startCentre, until } from '@ioc/tests/harness/centre.ts'
import { installLine } from '@ioc/wall/shared/install-line.ts'
import { figure } from '../figure.ts'
import { cpuSeconds, residentMb } from '../process-figures.ts'

const run = promisify(execFile)
const project = join(import.meta.dirname, '../..')

/** From the pasted line to the first value on the wall, over TLS; then memory and CPU of the installed agent. */
export async function agentInstall(durationMs: number): Promise<void> {
  const bundles = join(project, 'dist', 'agent')
  await run(process.execPath, ['scripts/agent-bundle.ts', '--platform', 'linux-x64'], { cwd: project })
  const folder = mkdtempSync(join(tmpdir(), 'ioc-installed-'))
  const [tlsPort] = await freePorts(1)
  const tls = { IOC_TLS: 'on', IOC_MQTTS_PORT: String(tlsPort), IOC_LOG_LEVEL: 'warn', IOC_AGENT_BUNDLES: bundles }
  const centre = await startCentre(tls)
  try {
    const served = (await (await fetch(`${centre.httpUrl}/api/agent`)).json()) as ApiBundles
    const archive = served.archives.find(({ platform }) => platform === 'linux-x64')
    figure('agent.bundle_mb', statSync(join(bundles, archive?.file ?? '')).size / 1e6, 'MB')
    const script = served.scripts.find(({ file }) => file === 'install.sh')
    if (!script) throw new Error('the centre serves no install script')
    const token = (
      await runIoc(['enrol', 'token', '--site', 'bench', '--node', 'installed'], centre.environment)
    ).trim()
    const line = installLine(script, centre.httpUrl.replace('http:', 'https:'), token).replace('sudo sh', 'sh')
    const started = performance.now()
    await run('sh', ['-c', `${line} --dir ${folder}`], { cwd: folder, env: { PATH: '/usr/bin:/bin', HOME: folder } })
    const installedMs = performance.now() - started
    await until(
      'the first value',
      () => centre.devices(),
      (devices) => devices.some(({ site, last_ts }) => site === 'bench' && last_ts !== null),
    )
    const detail = { installed_s: Math.round(installedMs) / 1000 }
    figure('agent.install_to_first_value_s', (performance.now() - started) / 1000, 's', detail)
    const pid = Number(readFileSync(join(folder, 'data', 'ioc-agent.pid'), 'utf8'))
    const before = cpuSeconds(pid)
    await sleep(durationMs)
    const cadence = { seconds: durationMs / 1000, cadence_s: 10, tls: true }
    figure('agent.rss_mb.installed', residentMb(pid), 'MB', cadence)
    figure(
      'agent.cpu_percent.installed',
      ((cpuSeconds(pid) - before) / (durationMs / 1000)) * 100,
      '% of a core',
      cadence,
    )
  } finally {
    await run('sh', [join(folder, 'install.sh'), '--uninstall', '--purge', '--dir', folder]).catch(() => undefined)
    await centre.stop()
    rmSync(centre.dataDir, { recursive: true, force: true })
    rmSync(folder, { recursive: true, force: true })
  }
}
