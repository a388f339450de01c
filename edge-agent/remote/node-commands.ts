import type { NodeAnswer, NodeCommand } from '@ioc/contract/messages/node-command.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import { messageOf } from '../collectors/message-of.ts'

/** What carries out the commands of the centre. Each returns what it adds to the answer. */
export interface CommandTargets {
  readonly collect: () => void
  readonly logs: (max: number, level: 'error' | 'warn' | 'info' | 'debug') => Pick<NodeAnswer, 'lines' | 'left_out'>
  /** Uses a new password, which is sealed. */
  readonly rotate: (sealed: string) => Promise<void>
  readonly openEditor: (minutes: number, sealed: string) => Promise<NodeAnswer['detail']>
  /** Passes a message on to the flows of Node-RED. */
  readonly flow: (topic: string, payload: unknown) => void
  readonly answer: (answer: NodeAnswer) => void
}

/** Carries out a command, and answers it where it has an id. */
export async function followCommand(command: NodeCommand, targets: CommandTargets, logger: Logger): Promise<void> {
  const id = 'id' in command ? command.id : undefined
  const answer = (rest: Omit<NodeAnswer, 'id' | 'command'>): void => {
    if (id !== undefined) targets.answer({ id, command: command.command, ...rest })
  }
  try {
    if ('expires' in command && command.expires < Date.now()) {
      throw new Error(`expired, by the clock of this machine (${new Date().toISOString()})`)
    }
    answer({ ok: true, ...(await carryOut(command, targets, logger)) })
  } catch (error) {
    const reason = messageOf(error)
    logger.warn({ command: command.command, reason }, 'command refused')
    answer({ ok: false, reason })
  }
}

async function carryOut(
  command: NodeCommand,
  targets: CommandTargets,
  logger: Logger,
): Promise<Partial<Pick<NodeAnswer, 'lines' | 'left_out' | 'detail'>>> {
  switch (command.command) {
    case 'collect':
      targets.collect()
      return {}
    case 'notice':
      logger.warn({ code: command.code, reason: command.reason }, 'refused by the centre')
      return {}
    case 'flow':
      targets.flow(command.topic, command.payload)
      return {}
    case 'logs':
      return targets.logs(command.lines, command.level)
    case 'rotate':
      await targets.rotate(command.password)
      return {}
    case 'open-editor': {
      const detail = await targets.openEditor(command.minutes, command.password)
      return detail === undefined ? {} : { detail }
    }
    default:
      return command satisfies never
  }
}
