import type { LiveProcess } from '@ioc/contract/messages/live.ts'
import { formatAge, formatNumber } from '../format.ts'
import { isSilent, now, processes } from '../state.ts'
import { say, sayProcess } from '../words.ts'

/** The centre's own processes, in one line. */
export function ProcessStrip() {
  const all = processes.all()
  return (
    <section class="panel" id="processes" aria-labelledby="processes-title" tabIndex={-1}>
      <h2 id="processes-title">{say('processes')}</h2>
      {all.length === 0 && <p class="well">{say('none')}</p>}
      <ul class="processes">
        {all.map((process) => (
          <Process key={process.process} process={process} />
        ))}
      </ul>
    </section>
  )
}

function Process({ process }: { readonly process: LiveProcess }) {
  const silent = process.up && isSilent(process)
  const level = !process.up ? 3 : silent ? 2 : 0
  const lag = process.gauges['lag_ms']
  return (
    <li class={`process ${silent ? 'stale' : ''}`} data-testid={`process-${process.process}`} data-up={process.up}>
      <h3>
        {sayProcess(process.process)}
        {level > 0 ? (
          <span class={`badge level-${level}`}>{say(process.up ? 'silent' : 'down')}</span>
        ) : (
          <small>{say('running')}</small>
        )}
      </h3>
      <dl>
        <Detail name={say('memory')} value={`${formatNumber(process.rss_mb)} MB`} />
        <Detail name="CPU" value={`${formatNumber(process.cpu_percent)} %`} />
        <Detail name={say('loopDelay')} value={`${formatNumber(process.loop_p99_ms)} ms`} />
        {lag !== undefined && <Detail name={say('lag')} value={`${formatNumber(lag)} ms`} />}
        <Detail name={say('restarts')} value={formatNumber(process.restarts)} />
        {silent && <Detail name={say('age')} value={formatAge(now.value - process.ts)} />}
      </dl>
    </li>
  )
}

function Detail({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}
