import type { ChannelName } from '@ioc/contract/district/people.ts'
import type { ApiChannelResult, ApiRota } from '@ioc/contract/messages/api-rota.ts'
import { useState } from 'preact/hooks'
import { formatMoment, formatNumber } from '../format.ts'
import { send, useApi } from '../pages/api.ts'
import { Badge, Failed, Section, Table, useSubscription } from '../pages/parts.tsx'
import { sayPage } from '../pages/words.ts'
import { now, rotaVersion } from '../state.ts'
import { sayTitle } from '../words.ts'
import { ActionForm, type FieldText, TimeField } from './action-form.tsx'
import { ActionList, RowAction } from './action-list.tsx'
import { fromLocalInput, toLocalInput } from './local-time.ts'
import { useAction } from './parts.tsx'
import { formatRemaining } from './windows.ts'
import { sayChannel, sayIncident } from './words.ts'

/** Who is on call, now and in the next 14 days, what replaces somebody, and how people are notified. */
export function RotaPage() {
  useSubscription(['rota'])
  const loaded = useApi<ApiRota>('/api/rota', rotaVersion.value)
  switch (loaded.state) {
    case 'loading':
    case 'missing':
      return <p class="muted">{sayPage('loading')}</p>
    case 'failed':
      return <Failed retry={loaded.retry} />
    case 'ready':
      return <Rotas rota={loaded.data} />
    default:
      return loaded satisfies never
  }
}

interface RotaProps {
  readonly rota: ApiRota
}

function Rotas({ rota }: RotaProps) {
  const may = rota.may.includes('work')
  return (
    <article class="page rota-page" data-testid="rota-page">
      {rota.ts === null && (
        <p class="card" role="status">
          {sayIncident('noWatch')}
        </p>
      )}
      {rota.ts !== null && rota.rotas.length === 0 && <p class="card">{sayIncident('noRota')}</p>}
      {rota.rotas.map((one) => (
        <Duty key={one.id} one={one} people={rota.people} />
      ))}
      {rota.rotas.length > 0 && <Overrides rota={rota} may={may} />}
      <People people={rota.people} may={may} />
    </article>
  )
}

const nameIn = (people: ApiRota['people'], id: string): string => people.find((one) => one.id === id)?.name ?? id

interface DutyProps {
  readonly one: ApiRota['rotas'][number]
  readonly people: ApiRota['people']
}

/** A rota: whoever is on call large, then each hand-over. */
function Duty({ one: { id, name, on_call, shifts, gaps }, people }: DutyProps) {
  const [present] = shifts
  const columns = ['from', 'onDuty', 'to', 'length'] as const
  return (
    <Section id={`rota-${id}`} title={name}>
      <p class="on-duty" data-testid="on-duty">
        {on_call === null ? (
          <Badge level={3} text={sayIncident('nobodyOnDuty')} />
        ) : (
          <strong>{nameIn(people, on_call)}</strong>
        )}
        {present && (
          <span class="muted">
            {' '}
            {sayIncident('until')} {formatMoment(present.to, now.value)}
          </span>
        )}
      </p>
      {gaps.length > 0 && (
        <p data-testid="gaps">
          <Badge level={2} text={`${formatNumber(gaps.length)} ${sayIncident('gaps')}`} /> {sayIncident('next14Days')}
        </p>
      )}
      <Table label={name} columns={columns.map((column) => sayIncident(column))}>
        {shifts.map(({ from, to, person }) => (
          <tr key={from} class={person === null ? 'gap' : ''} data-testid={person === null ? 'gap' : 'shift'}>
            <td>{formatMoment(from, now.value)}</td>
            <th scope="row">
              {person === null ? <Badge level={2} text={sayIncident('nobodyOnDuty')} /> : nameIn(people, person)}
            </th>
            <td>{formatMoment(to, now.value)}</td>
            <td>{formatRemaining(to - from)}</td>
          </tr>
        ))}
      </Table>
    </Section>
  )
}

interface OverridesProps extends RotaProps {
  readonly may: boolean
}

function Overrides({ rota: { rotas, overrides, people }, may }: OverridesProps) {
  const own = useAction()
  const action = may ? own : undefined
  const columns = ['onDuty', 'from', 'to', 'rota', 'by'] as const
  return (
    <ActionList
      id="overrides"
      title={sayIncident('overrides')}
      none={sayIncident('noOverrides')}
      columns={columns.map((column) => sayIncident(column))}
      action={action}
      rows={overrides.map(({ id, rota, from, to, person, by }) => (
        <tr key={id} data-testid="override">
          <th scope="row">{person === null ? sayIncident('nobodyOnDuty') : nameIn(people, person)}</th>
          <td>{formatMoment(from, now.value)}</td>
          <td>{formatMoment(to, now.value)}</td>
          <td>{rotas.find((one) => one.id === rota)?.name ?? rota}</td>
          <td>{by}</td>
          <RowAction
            action={action}
            testId="end-override"
            text={sayIncident('endNow')}
            path={`/api/rota/overrides/${id}/end`}
          />
        </tr>
      ))}
    >
      {may && <NewOverride rotas={rotas} people={people} />}
    </ActionList>
  )
}

const dayMs = 86_400_000

function NewOverride({ rotas, people }: Pick<ApiRota, 'rotas' | 'people'>) {
  const [begin] = useState(now.peek())
  const bodyOf = (text: FieldText) => ({
    rota: text('rota'),
    person: text('person') === '' ? null : text('person'),
    ...{ from: fromLocalInput(text('from')), to: fromLocalInput(text('to')) },
  })
  return (
    <details class="work-form">
      <summary>{sayIncident('newOverride')}</summary>
      <ActionForm path="/api/rota/overrides" testId="save-override" bodyOf={bodyOf}>
        <label>
          {sayIncident('rota')}
          <select name="rota">
            {rotas.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          {sayIncident('onDuty')}
          <select name="person">
            {people.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
            <option value="">{sayIncident('nobodyOnDuty')}</option>
          </select>
        </label>
        <TimeField name="from" label={sayIncident('from')} value={toLocalInput(begin)} />
        <TimeField name="to" label={sayIncident('to')} value={toLocalInput(begin + dayMs)} />
      </ActionForm>
    </details>
  )
}

interface PeopleProps {
  readonly people: ApiRota['people']
  readonly may: boolean
}

function People({ people, may }: PeopleProps) {
  const columns = ['person', 'unit', 'channels'] as const
  return (
    <Section id="rota-people" title={sayIncident('people')}>
      {people.length === 0 ? (
        <p class="muted">{sayIncident('noPeople')}</p>
      ) : (
        <Table label={sayIncident('people')} columns={columns.map((column) => sayIncident(column))}>
          {people.map(({ id, name, unit, channels }) => (
            <tr key={id} data-testid={`person-${id}`}>
              <th scope="row">{name}</th>
              <td>{unit && sayTitle(unit)}</td>
              <td class="channels">
                {channels.map((channel) =>
                  may ? <ChannelTest key={channel} person={id} channel={channel} /> : `${sayChannel(channel)} `,
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Section>
  )
}

interface ChannelTestProps {
  readonly person: string
  readonly channel: ChannelName
}

/** Sends a test message, and shows what became of it. */
function ChannelTest({ person, channel }: ChannelTestProps) {
  const [result, setResult] = useState<ApiChannelResult | 'sending' | undefined>()
  const test = async (): Promise<void> => {
    if (result === 'sending') return
    setResult('sending')
    const response = await send('POST', '/api/rota/test', { person, channel })
    const answer = response?.ok ? ((await response.json()) as ApiChannelResult) : undefined
    setResult(answer ?? { sent: false, detail: null })
  }
  return (
    <span class="channel-test">
      <button
        type="button"
        data-testid={`test-${person}-${channel}`}
        aria-disabled={result === 'sending'}
        onClick={() => void test()}
      >
        {sayIncident('test')}: {sayChannel(channel)}
      </button>{' '}
      <span role="status" data-testid={`result-${person}-${channel}`}>
        {result === 'sending' && <span class="muted">{sayIncident('sending')}</span>}
        {typeof result === 'object' && result.sent && sayIncident('sent')}
        {typeof result === 'object' && !result.sent && <Badge level={2} text={sayIncident('notSent')} />}
        {typeof result === 'object' && result.detail !== null && <small class="muted"> {result.detail}</small>}
      </span>
    </span>
  )
}
