import { livePrefix, parseIndicatorTopic } from '@ioc/contract/topics.ts'
import { useState } from 'preact/hooks'
import { deviceKey } from '../../../shared/fleet.ts'
import { deviceUrl } from '../shell/location.ts'
import { fleet, indicators, ownNode } from '../state.ts'
import { DeviceState, deviceIndicatorsOf, IndicatorList, Measured, Section, useSubscription } from './parts.tsx'
import { sayPage } from './words.ts'

const ways = [
  {
    title: 'addAgent',
    hint: 'addAgentHint',
    commands: [
      'node_modules/.bin/ioc node add ka-do may-1',
      'IOC_MQTT_URL=mqtt://…:1883 IOC_AGENT_SITE=ka-do IOC_AGENT_NODE=may-1 IOC_AGENT_PASSWORD=… node edge-agent/main.ts',
    ],
  },
  {
    title: 'addDevice',
    hint: 'addDeviceHint',
    commands: [
      'node_modules/.bin/ioc node add ka-do tram-1',
      `mosquitto_pub -u ka-do/tram-1 -P … -q 1 -t ioc/v1/ka-do/tram-1/telemetry -m '{"type":"air_quality","pm25":18.2}'`,
    ],
  },
  { title: 'runDemo', hint: 'runDemoHint', commands: ['npm run demo'] },
] as const

/** The first start: what to do so that there is something to see, and the machine that reports already. */
export function EmptyPage() {
  return (
    <div class="empty-page" data-testid="empty">
      <section class="message-page">
        <h2>{sayPage('emptyTitle')}</h2>
        <p>{sayPage('emptyHint')}</p>
        <ol class="steps">
          {ways.map(({ title, hint, commands }) => (
            <li key={title}>
              <h3>{sayPage(title)}</h3>
              <p>{sayPage(hint)}</p>
              {commands.map((command) => (
                <Command key={command} command={command} />
              ))}
            </li>
          ))}
        </ol>
        <p>
          <a href="/api/docs/" target="_blank" rel="noreferrer">
            {sayPage('documentation')}
          </a>
        </p>
      </section>
      <OwnMachine />
    </div>
  )
}

type Copying = 'copy' | 'copied' | 'copyFailed'

function Command({ command }: { readonly command: string }) {
  const [copying, setCopying] = useState<Copying>('copy')
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(command)
      setCopying('copied')
    } catch {
      setCopying('copyFailed')
    }
  }
  return (
    <div class="command">
      <pre>
        <code>{command}</code>
      </pre>
      {/* Browsers lend the clipboard only to pages of HTTPS and of this machine. */}
      {isSecureContext && (
        <button type="button" onClick={() => void copy()} data-testid="copy">
          <span role="status">{sayPage(copying)}</span>
        </button>
      )}
    </div>
  )
}

/** How the machine of the centre is: what a node that reports looks like. */
function OwnMachine() {
  const [site = ''] = ownNode.value?.split('/') ?? []
  const own = fleet.value.filter((device) => `${device.site}/${device.node}` === ownNode.value)
  const ids = deviceIndicatorsOf(new Set(own.map(({ type }) => type)))
  const keys = own.map(deviceKey)
  useSubscription(
    site === ''
      ? []
      : [
          `device/${site}`,
          `liveness/${site}`,
          ...keys.flatMap((key) => ids.map((id) => `indicator/${id}/device/${key}`)),
        ],
  )
  const topics = indicators.keys.value.filter((topic) => {
    const parsed = parseIndicatorTopic(livePrefix + topic)
    return parsed?.scope === 'device' && keys.includes(parsed.key)
  })
  return (
    <Section id="own-machine" title={sayPage('ownMachine')}>
      {own.length === 0 && <p class="muted">{sayPage('ownMachineNone')}</p>}
      {own.map((device) => (
        <p key={deviceKey(device)}>
          <a href={deviceUrl(device.site, device.device)}>{device.name ?? device.device}</a>{' '}
          <DeviceState device={device} />, <Measured ts={device.last_ts} />
        </p>
      ))}
      {own.length > 0 && <p class="muted">{sayPage('ownMachineHint')}</p>}
      {own.length > 0 && <IndicatorList topics={topics} />}
    </Section>
  )
}
