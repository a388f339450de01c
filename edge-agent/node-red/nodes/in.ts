import type { NodeApi } from '../runtime.ts'

interface InConfig {
  readonly source?: 'command' | 'config' | 'collector'
  readonly collector?: string
}

/** `ioc in`: what the centre sends to the flows of this agent, or what one of its collectors has measured. */
export function registerIn(RED: NodeApi): void {
  RED.nodes.registerType('ioc in', function (config: InConfig) {
    RED.nodes.createNode(this, config)
    const { source = 'command', collector = '' } = config
    const name = source === 'collector' ? `collector/${collector}` : source
    const stop = RED.settings.ioc.listen(name, ({ topic, payload }) => this.send({ topic, payload }))
    this.status({ fill: 'grey', shape: 'ring', text: name })
    this.on('close', stop)
  })
}
