import Type from 'typebox'
import { type ChannelName, channelNames } from '../district/people.ts'
import { May } from './api-incidents.ts'
import { Milliseconds, nullable, slug, strict, Time } from './api-schema.ts'

/** What the routes of the rota accept and return. */

const Channel = Type.Unsafe<ChannelName>(Type.String({ enum: [...channelNames] }))

const Shift = Type.Object({
  from: Milliseconds,
  to: Milliseconds,
  person: nullable(Type.String({ title: 'Id of the person; null: nobody' })),
})

const shiftExample = { from: 1795910400000, to: 1796515200000, person: 'lan' }
const gapExample = { from: 1796515200000, to: 1796526000000, person: null }

export const ApiRota = Type.Object(
  {
    ts: nullable({ ...Milliseconds, title: 'When the watch computed it; null: it has not published it' }),
    rotas: Type.Array(
      Type.Object({
        id: Type.String(),
        name: Type.String(),
        on_call: nullable(Type.String({ title: 'Id of whoever is on call; null: nobody' })),
        shifts: Type.Array(Shift, { title: 'Of the next 14 days: each begins with a hand-over' }),
        gaps: Type.Array(Shift, { title: 'Those in which nobody is on call' }),
      }),
    ),
    overrides: Type.Array(
      Type.Object({ ...Shift.properties, id: Type.String(), rota: Type.String(), by: Type.String() }),
      { title: 'What was changed at run time and has not ended' },
    ),
    people: Type.Array(
      Type.Object({
        id: Type.String(),
        name: Type.String(),
        user: Type.String({ title: 'Name of the account' }),
        unit: nullable(Type.Object({ vi: Type.String(), en: Type.String() })),
        channels: Type.Array(Channel, { title: 'Ways to notify the person, without addresses' }),
      }),
    ),
    may: May,
  },
  {
    examples: [
      {
        ts: 1795953600000,
        rotas: [
          {
            ...{ id: 'truc', name: 'Trực ban', on_call: 'lan' },
            ...{ shifts: [shiftExample, gapExample], gaps: [gapExample] },
          },
        ],
        overrides: [{ ...shiftExample, person: 'minh', id: 'o-1', rota: 'truc', by: 'lan' }],
        people: [
          {
            ...{ id: 'lan', name: 'Nguyễn Thị Lan', user: 'lan', channels: ['sms', 'email'] },
            unit: { vi: 'Phòng Văn hóa - Xã hội', en: 'Culture and Society Office' },
          },
        ],
        may: ['acknowledge', 'work'],
      },
    ],
  },
)
export type ApiRota = Type.Static<typeof ApiRota>

export const ApiOverride = Type.Object(
  {
    rota: slug('Id of the rota', 'truc'),
    person: nullable(slug('Id of a person of people.yaml; null: nobody', 'minh')),
    from: Time,
    to: { ...Time, title: 'After `from`, within 30 days, and not in the past' },
  },
  { ...strict, examples: [{ rota: 'truc', person: 'minh', from: 1795953600000, to: 1796040000000 }] },
)
export type ApiOverride = Type.Static<typeof ApiOverride>

export const ApiOverrideParams = Type.Object({ id: slug('Id of the override', 'o-1') })
export type ApiOverrideParams = Type.Static<typeof ApiOverrideParams>

export const ApiChannelTest = Type.Object(
  { person: slug('Id of a person of people.yaml', 'lan'), channel: Channel },
  { ...strict, examples: [{ person: 'lan', channel: 'sms' }] },
)
export type ApiChannelTest = Type.Static<typeof ApiChannelTest>

export const ApiChannelResult = Type.Object(
  {
    sent: Type.Boolean(),
    detail: nullable(Type.String({ title: 'Why it was not sent' })),
  },
  { examples: [{ sent: false, detail: 'the channel is not set up in channels.yaml' }] },
)
export type ApiChannelResult = Type.Static<typeof ApiChannelResult>

export const ApiAssignees = Type.Object(
  {
    users: Type.Array(
      Type.Object({ user: Type.String(), name: nullable(Type.String({ title: 'As in people.yaml' })) }),
      {
        title: 'Users who may acknowledge, and the people of people.yaml',
      },
    ),
  },
  { examples: [{ users: [{ user: 'lan', name: 'Nguyễn Thị Lan' }] }] },
)
export type ApiAssignees = Type.Static<typeof ApiAssignees>
