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

/** The first start: what to do so that there is something to see. */
export function EmptyPage() {
  return (
    <section class="message-page" data-testid="empty">
      <h2>{sayPage('emptyTitle')}</h2>
      <p>{sayPage('emptyHint')}</p>
      <ol class="steps">
        {ways.map(({ title, hint, commands }) => (
          <li key={title}>
            <h3>{sayPage(title)}</h3>
            <p>{sayPage(hint)}</p>
            <pre>
              <code>{commands.join('\n')}</code>
            </pre>
          </li>
        ))}
      </ol>
      <p>
        <a href="/api/docs/" target="_blank" rel="noreferrer">
          {sayPage('documentation')}
        </a>
      </p>
    </section>
  )
}
