import { existsSync } from 'node:fs'
import { openCredentialStore } from '@ioc/broker/credentials/credential-store.ts'
import type { LiveProcess, LiveSimulation } from '@ioc/contract/messages/live.ts'
import { environmentName, readOptions } from '@ioc/contract/options.ts'
import { simulationTopic, username } from '@ioc/contract/topics.ts'
import { loadDistrict } from '@ioc/runtime/district/district.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { writePrivateJson } from '@ioc/runtime/private-file.ts'
import { ensureFolder } from '@ioc/runtime/process.ts'
import {
  addressOf,
  cameraAddressOf,
  cameraSites,
  type Passwords,
  passwordFile,
  readPasswords,
  simulatedSites,
} from '@ioc/simulator/credentials.ts'
import { demoOptions, simulatorOptions } from '@ioc/simulator/options.ts'
import { type ScenarioName, scenarioNames, scenarios } from '@ioc/simulator/scenarios/table.ts'
import { runCentre } from '../centre.ts'
import { createDemoBridge } from '../demo-bridge.ts'
import { cameraBridge, chosenProcesses, simulator } from '../processes.ts'
import { createProgressBar } from '../progress-bar.ts'
import { invalidOption, startOptions } from '../settings.ts'
import { misused, readArguments } from './arguments.ts'
import type { Command } from './command.ts'

const usage = 'demo [--scenario NAME] [--speed N] [--seed N] [--fill-days N]'
const text = { type: 'string' } as const

/** Where a demonstration keeps its data, so that it never meets those of a real centre. */
const demoDataDir = './data-demo'
/** How much later than the past that is filled in an event may come and still amend indicators, in days. */
const latenessMarginDays = 7
const dayMs = 86_400_000
/** Series whose windows wait to be emitted again, at most, once the past is there: live, a few always do. */
const maxAmendments = 100

/** The setting that each flag stands for. */
const settings = {
  scenario: 'demoScenario',
  speed: 'demoSpeed',
  seed: 'demoSeed',
  'fill-days': 'demoFillDays',
} as const satisfies Record<string, keyof typeof demoOptions>

export const demo: Command = {
  usage,
  title: 'run the centre with a simulated district: its last 30 days first, then live',
  help: helpText(),
  async run(args) {
    const flags = { scenario: text, speed: text, seed: text, 'fill-days': text } as const
    const { values } = readArguments(args, flags, usage)
    const environment = demoEnvironment(settingsOf(values))
    const options = readOptions({ ...startOptions, ...simulatorOptions }, environment)
    await ensurePasswords(environment)
    const cameras = options.demoSpeed === 1 ? createDemoBridge(environment) : undefined
    const bar = createProgressBar(process.stdout)
    let shown: LiveSimulation | undefined
    const reports = new Map<string, LiveProcess>()
    return runCentre({
      options,
      environment,
      processes: [
        ...chosenProcesses(options).filter(({ name }) => name !== cameraBridge.name),
        simulator,
        ...(cameras ? [cameraBridge] : []),
      ],
      print: bar.print,
      onReport(report, publish) {
        reports.set(report.process, report)
        if (report.process !== simulator.name || !report.up) return
        cameras?.follow(report.gauges['cameras'] ?? 0)
        shown = describe(options.demoScenario as ScenarioName, report, reports.get('stream-processor'), shown)
        publish(simulationTopic, shown)
        bar.show(shown.phase === 'live' ? undefined : lineOf(shown), shown.percent)
      },
    })
  },
}

/** The flags as settings. @throws IocError USAGE_INVALID naming the flag */
function settingsOf(values: Partial<Record<keyof typeof settings, string>>): NodeJS.ProcessEnv {
  const given = Object.entries(settings).flatMap(([flag, key]) => {
    const value = values[flag as keyof typeof settings]
    if (value === undefined) return []
    const name = environmentName(key)
    const [fault] = invalidOption(() => readOptions({ [key]: demoOptions[key] }, { [name]: value }))
    if (fault !== undefined) throw misused(fault.replace(name, `--${flag}`), usage)
    return [[name, value] as const]
  })
  return Object.fromEntries(given)
}

/** The settings of the processes: what is set already stays, except what the command line says. */
function demoEnvironment(said: NodeJS.ProcessEnv) {
  const asked = { ...process.env, ...said }
  const { demoFillDays } = readOptions(demoOptions, asked)
  const needed = {
    IOC_DATA_DIR: demoDataDir,
    IOC_EXAMPLE_SITES: 'true',
    // Records of the past must amend cases and windows, and the windows must not have expired.
    IOC_LATENESS_MS: String(Math.ceil((demoFillDays + latenessMarginDays) * dayMs)),
    // Forty-seven cameras are to cost little.
    IOC_CAMERA_CADENCE_MS: '60000',
    IOC_CAMERA_PICTURE_MS: '120000',
    IOC_CAMERA_STILL_MS: '600000',
    // It shares a machine with all that it simulates: half a gigabyte of closed windows would save it few reads.
    IOC_ENGINE_CACHE_MB: '128',
    IOC_FORGET_DAYS: String(Math.max(35, Math.ceil(demoFillDays + latenessMarginDays))),
  }
  // An empty variable is as good as none, for every setting.
  const missing = Object.entries(needed).filter(([name]) => !(asked as NodeJS.ProcessEnv)[name])
  return { ...asked, ...Object.fromEntries(missing) } as NodeJS.ProcessEnv
}

/** Makes a credential for each simulated agent that has none. */
async function ensurePasswords(environment: NodeJS.ProcessEnv): Promise<void> {
  const options = readOptions(simulatorOptions, environment)
  ensureFolder(options.dataDir)
  const store = openCredentialStore(options.dataDir)
  const { sites } = loadDistrict(options, Date.now(), createLogger('hub', options))
  const path = passwordFile(options.dataDir)
  const known: Passwords = existsSync(path) ? readPasswords(options.dataDir) : {}
  const passwords: Record<string, string> = { ...known }
  const ofCameras = cameraSites(sites).map((site) => username(cameraAddressOf(site)))
  // In a folder of an earlier version, cameras belong to the agents of their sites, and stay simulated by them.
  const isBridged = Object.keys(known).length === 0 || ofCameras.some((name) => known[name] !== undefined)
  const names = [...simulatedSites(sites).map((site) => username(addressOf(site))), ...(isBridged ? ofCameras : [])]
  for (const name of names) {
    if (known[name] === undefined || !store.find(name)) passwords[name] = await store.add(name, 'node')
  }
  writePrivateJson(path, passwords)
}

function describe(
  scenario: ScenarioName,
  { ts, gauges }: LiveProcess,
  processor: LiveProcess | undefined,
  before: LiveSimulation | undefined,
): LiveSimulation {
  const isSent = gauges['filling'] === 0
  const { backlog_depth: depth = 0, amendments = 0 } = processor?.gauges ?? {}
  const isComputed = depth === 0 && amendments <= maxAmendments
  // Once live it stays so: an agent that sends what it kept is no filling.
  const phase = before?.phase === 'live' || (isSent && isComputed) ? 'live' : isSent ? 'processing' : 'filling'
  return {
    ts,
    scenario,
    title: scenarios[scenario].title,
    phase,
    percent: phase === 'filling' ? (gauges['fill_percent'] ?? 0) : phase === 'live' ? 100 : processedPercent(processor),
    clock: gauges['clock_ms'] ?? ts,
    speed: gauges['speed'] ?? 1,
    agents: gauges['agents'] ?? 0,
  }
}

/** Of the backlog that is in the log. */
function processedPercent(processor: LiveProcess | undefined): number {
  const { backlog_offset: done = 0, backlog_depth: depth = 0 } = processor?.gauges ?? {}
  // The windows of areas and of the district follow when all of it is read.
  return depth === 0 ? 99 : Math.floor((done / (done + depth)) * 100)
}

function lineOf({ phase, agents }: LiveSimulation): string {
  return phase === 'filling' ? `filling in the past of ${agents} agents` : 'computing the past'
}

function helpText(): string {
  const rows = Object.entries(settings).map(([flag, key]) => {
    const { title, default: fallback } = demoOptions[key]
    return `  --${flag.padEnd(12)} ${title} (${fallback})\n`
  })
  return `${rows.join('')}\n  scenarios: ${scenarioNames.join(', ')}\n`
}
