import type { ApiCamera, ApiIncidentStills } from '@ioc/contract/messages/api-cameras.ts'
import type { ApiIncidentDetail } from '@ioc/contract/messages/api-incidents.ts'
import { includesRole } from '@ioc/contract/roles.ts'
import { useState } from 'preact/hooks'
import { session } from '../account/session.ts'
import { formatInstant } from '../format.ts'
import { send, useApi } from '../pages/api.ts'
import { Section } from '../pages/parts.tsx'
import { incidentUrl } from '../shell/location.ts'
import { incidents as liveIncidents, now } from '../state.ts'
import { sayTitle } from '../words.ts'
import { sayCamera } from './words.ts'
import './cameras.css'

/** What an operator sees in the picture, sent to whoever is on call for it. */
export function AlarmForm({ path, camera }: { readonly path: string; readonly camera: ApiCamera }) {
  const [outcome, setOutcome] = useState<'idle' | 'busy' | 'sent' | 'failed'>('idle')
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const data = new FormData(form)
    setOutcome('busy')
    const body = { kind: String(data.get('kind')), text: String(data.get('text') ?? '').trim() }
    const response = await send('POST', `${path}/alarm`, body)
    setOutcome(response?.ok ? 'sent' : 'failed')
    if (response?.ok) form.reset()
  }
  const kinds =
    camera.type === 'high_camera' ? (['smoke', 'fire', 'other'] as const) : (['other', 'smoke', 'fire'] as const)
  return (
    <Section id="camera-alarm" title={sayCamera('alarm')}>
      <p class="muted">{sayCamera('alarmHint')}</p>
      <form class="window-form" onSubmit={submit}>
        <label>
          {sayCamera('what')}
          <select name="kind">
            {kinds.map((kind) => (
              <option key={kind} value={kind}>
                {sayCamera(kind)}
              </option>
            ))}
          </select>
        </label>
        <label class="wide">
          {sayCamera('text')}
          <input name="text" maxLength={500} />
        </label>
        <button type="submit" class="primary" disabled={outcome === 'busy'} data-testid="send-alarm">
          {sayCamera('sendAlarm')}
        </button>
      </form>
      <p role="status" data-testid="alarm-outcome">
        {outcome === 'sent' && sayCamera('sent')}
        {outcome === 'failed' && sayCamera('failed')}
      </p>
    </Section>
  )
}

/** The alarms about a camera that are active, with what was sent and who replied. */
export function Reports({ incidents }: { readonly incidents: readonly number[] }) {
  return (
    <>
      {incidents.map((id) => (
        <OneReport key={id} id={id} />
      ))}
    </>
  )
}

function OneReport({ id }: { readonly id: number }) {
  const loaded = useApi<ApiIncidentDetail>(`/api/incidents/${id}`, liveIncidents.value?.version)
  if (loaded.state !== 'ready' || loaded.data.aspect !== 'reported') return null
  const { title, timeline, acknowledged } = loaded.data
  return (
    <Section id={`report-${id}`} title={sayCamera('reports')}>
      <p>
        <a href={incidentUrl(id)}>{`#${id} ${sayTitle(title)}`}</a>
      </p>
      <ul class="replies" data-testid="replies">
        {timeline.filter(isSaid).map(({ at, by = '', text = '' }) => (
          <li key={`${at} ${by} ${text}`}>
            <span class="muted">{formatInstant(at, now.value)}</span> <strong>{by}</strong> {text}
          </li>
        ))}
        {acknowledged ? (
          <li>
            <span class="muted">{formatInstant(acknowledged.at, now.value)}</span> <strong>{acknowledged.by}</strong>{' '}
            {acknowledged.note}
          </li>
        ) : (
          <li class="muted">{sayCamera('noReply')}</li>
        )}
      </ul>
    </Section>
  )
}

const isSaid = ({ what }: ApiIncidentDetail['timeline'][number]): boolean => what === 'noted'

/** Stills that are kept for an incident; nothing for whoever may not see them. */
export function IncidentStills({ id }: { readonly id: number }) {
  const role = session.value?.user?.role
  return role !== undefined && includesRole(role, 'operator') ? <Stills id={id} /> : null
}

function Stills({ id }: { readonly id: number }) {
  const loaded = useApi<ApiIncidentStills>(`/api/incidents/${id}/stills`, liveIncidents.value?.version)
  if (loaded.state !== 'ready' || loaded.data.stills.length === 0) return null
  return (
    <Section id="incident-stills" title={sayCamera('stills')}>
      <ul class="camera-strip">
        {loaded.data.stills.map(({ name, site, camera, ts }) => (
          <li key={name}>
            <figure class="still">
              <img src={`/api/incidents/${id}/stills/${encodeURIComponent(name)}`} alt={`${site}/${camera}`} />
              <figcaption>{`${sayCamera('takenAt')} ${formatInstant(ts, now.value)}`}</figcaption>
            </figure>
          </li>
        ))}
      </ul>
    </Section>
  )
}
