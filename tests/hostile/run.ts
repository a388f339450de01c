import { type NodeAddress, nodeTopic } from '@ioc/contract/topics.ts'
import mqtt from 'mqtt'
import { verify } from '../chaos/verify.ts'
import { type Centre, runIoc, startCentre, until } from '../harness/centre.ts'
import { type HonestPublisher, startPublisher } from '../harness/publisher.ts'
import { createRandom } from '../harness/random.ts'
import type { Target } from './attack.ts'
import { attacks } from './attacks/table.ts'

export interface HostileResult {
  /** Everything that went wrong, as sentences. */
  readonly problems: string[]
  readonly attacks: number
  readonly points: number
  /** Longest time from a PUBLISH of an honest node to its PUBACK, in ms. */
  readonly slowestAckMs: number
  readonly dataDir: string
}

const site = 'hostile'

/**
 * Attacks a centre while honest nodes publish, then restarts it. Nobody else loses a point, no process ends, and what others
 * have and see stays theirs.
 * @param seconds for which rounds of attacks are begun, at least one; a round has each kind once, in random order
 */
export async function runHostile(seconds: number, seed: number, say: (text: string) => void): Promise<HostileResult> {
  const random = createRandom(seed)
  const centre = await startCentre({ IOC_AGENT_CADENCE_MS: '500', IOC_LOG_LEVEL: 'error' })
  const target: Target = {
    mqttPort: centre.mqttPort,
    httpUrl: centre.httpUrl,
    storeUrl: centre.storeUrl,
    own: { site, node: 'evil', ...(await centre.addNode(site, 'evil')) },
    victim: { site, node: 'victim' },
  }
  const nodes = [await startHonest(centre, site, 'victim'), await startHonest(centre, 'elsewhere', 'node')]
  await until('the victim is known', () => victimOf(centre), Boolean)
  const pids = await pidsOf(centre)
  const problems: string[] = []
  let count = 0

  const end = performance.now() + seconds * 1000
  do {
    for (const [name, attack] of random.shuffled(Object.entries(attacks))) {
      say(`attack ${name}`)
      problems.push(...(await attack(target, random)).map((finding) => `${name}: ${finding}`))
      count++
    }
  } while (performance.now() < end)

  problems.push(...(await looksUnharmed(centre)))
  const after = await pidsOf(centre)
  for (const [name, pid] of pids) if (after.get(name) !== pid) problems.push(`${name} was restarted`)
  await Promise.all(nodes.map((node) => node.stop()))
  await until(
    'this machine has delivered its outbox',
    () => queueOf(centre),
    (queued) => queued === 0,
    120_000,
  )
  const verified = await verify(centre, nodes, { say, everything: false })
  problems.push(...verified.problems)
  const slowestAckMs = Math.max(...nodes.map((node) => node.slowestAckMs))
  return { problems, attacks: count, points: verified.points, slowestAckMs, dataDir: centre.dataDir }
}

/** A node with a birth, a dead letter of its own, and a steady stream of telemetry. */
async function startHonest(centre: Centre, at: string, node: string): Promise<HonestPublisher> {
  const credential = await centre.addNode(at, node)
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${centre.mqttPort}`, { ...credential })
  const devices = [0, 1, 2].map((index) => ({ id: `device-${index}`, type: 'system', name: `${node} ${index}` }))
  const birth = { online: true, session: Date.now(), agent: { version: '1', host: node }, area: '24931', devices }
  await client.publishAsync(nodeTopic({ site: at, node }, 'status'), JSON.stringify(birth), { qos: 1, retain: true })
  await client.publishAsync(nodeTopic({ site: at, node }, 'telemetry'), '{', { qos: 1 })
  await client.endAsync()
  return startPublisher(centre.mqttPort, at, node, credential)
}

const victimOf = async (centre: Centre) =>
  (await centre.devices()).find((one) => one.site === site && one.device === 'device-0' && one.type === 'system')

/** What others have and see, after the attacks. */
async function looksUnharmed(centre: Centre): Promise<string[]> {
  const problems: string[] = []
  const victim = await victimOf(centre)
  const { node, name, area, online } = victim ?? {}
  if (node !== 'victim' || name !== 'victim 0' || area !== '24931' || !online)
    problems.push(`the device of the victim is ${JSON.stringify(victim)}`)
  const printed = await runIoc(['dead-letters', '10000', '--json'], centre.environment)
  const letters = printed.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as NodeAddress]))
  for (const honest of [
    { site: 'elsewhere', node: 'node' },
    { site, node: 'victim' },
  ]) {
    if (!letters.some((one) => one.site === honest.site && one.node === honest.node))
      problems.push(`the dead letter of ${honest.site}/${honest.node} was evicted`)
  }
  // Somebody else's new device with a new field is still stored and shown.
  const credential = await centre.addNode('newcomer', 'sensor')
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${centre.mqttPort}`, { ...credential })
  await client.publishAsync(nodeTopic({ site: 'newcomer', node: 'sensor' }, 'telemetry'), '{"never_seen":7}', {
    qos: 1,
  })
  await until(
    "a newcomer's field is stored",
    () => centre.query("SELECT never_seen FROM undeclared WHERE site = 'newcomer'"),
    (rows) => rows.length === 1,
  ).catch((error: Error) => problems.push(error.message))
  await until(
    'a newcomer is shown',
    () => centre.devices(),
    (devices) => devices.some((one) => one.site === 'newcomer'),
  ).catch((error: Error) => problems.push(error.message))
  await client.endAsync()
  return problems
}

async function pidsOf(centre: Centre): Promise<ReadonlyMap<string, number>> {
  const { processes } = await centre.health()
  return new Map(processes.map((one) => [one.process, one.pid]))
}

async function queueOf(centre: Centre): Promise<number> {
  const { processes, log } = await centre.health()
  const agent = processes.find((one) => one.process === 'edge-agent')
  return log.depth === 0 && agent?.up ? (agent.gauges['queued'] ?? -1) : -1
}
