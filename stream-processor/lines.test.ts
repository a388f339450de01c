import type { LiveIncident } from '@ioc/contract/messages/incidents.ts'
import type { LiveDistrict } from '@ioc/contract/messages/live.ts'
import { parseSeriesKey } from '@ioc/storage/line-protocol/series-key.ts'
import { parse } from '@ioc/storage/testing/points.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Measurement } from './engine/measurement.ts'
import type { IndicatorPoint } from './engine/output.ts'
import { indicators } from './indicators/table.ts'
import { targetsOf } from './indicators/target.ts'
import { incidentLine, indicatorLine, ledgerLine, measurementLines, positionLine, rollupLine } from './lines.ts'

const measured: Measurement = {
  area: undefined,
  site: 's',
  node: 'n',
  device: 'd',
  type: 'air_quality',
  ts: 1000,
  claimed: undefined,
  values: { pm25: 18.2 },
  undeclared: undefined,
}

describe('a measurement', () => {
  const lines = (change: Partial<Measurement>, area?: string) => measurementLines({ ...measured, ...change, area })

  test('is a line of its type, with its area where that is known', () => {
    expect(lines({})).toEqual(['air_quality,site=s,device=d pm25=18.2 1000'])
    expect(lines({}, '24943')).toEqual(['air_quality,area=24943,site=s,device=d pm25=18.2 1000'])
  })

  test('says what it claimed where its time was clamped', () => {
    expect(lines({ claimed: 9000 })).toEqual(['air_quality,site=s,device=d pm25=18.2,claimed_ms=9000i 1000'])
  })

  test('keeps what is not declared apart, under names that tell their kind', () => {
    expect(lines({ undeclared: { soil: 3, mode: 'auto', open: true } }, '24943')).toEqual([
      'air_quality,area=24943,site=s,device=d pm25=18.2 1000',
      'undeclared,area=24943,site=s,device=d soil=3,mode_text="auto",open_flag=true 1000',
    ])
    expect(lines({ values: {}, undeclared: { soil: 3 } })).toEqual(['undeclared,site=s,device=d soil=3 1000'])
    expect(lines({ type: 'undeclared', values: { mode: 'auto' } })).toEqual([
      'undeclared,site=s,device=d mode_text="auto" 1000',
    ])
  })
})

describe('a value of an indicator', () => {
  const [indicator] = indicators
  if (!indicator) throw new Error('no indicator is declared')
  const line = (place: Partial<IndicatorPoint['place']>, value: number | undefined = 1.5, samples = 6) => {
    const nowhere = { area: undefined, site: undefined, device: undefined, group: undefined }
    const whole = { scope: 'district', key: 'district', ...nowhere, ...place } as const
    return indicatorLine({ indicator, place: whole, ts: 1000, value, level: 2, samples })
  }
  const tagsOf = (text: string) => {
    const { points, errors } = parse(text, 'ms', 0n)
    expect(errors).toEqual([])
    expect(points).toHaveLength(1)
    return Object.fromEntries(parseSeriesKey(points[0]?.series ?? '').tags)
  }

  test('has the tags of its scope', () => {
    const id = `id=${indicator.id}`
    expect(line({})).toBe(`indicator,${id},scope=district value=1.5,level=2i,samples=6i 1000`)
    expect(line({ scope: 'area', key: '24943', area: '24943' })).toContain(`,${id},scope=area,area=24943 value`)
    expect(line({ scope: 'device', key: 's/d', area: '24943', site: 's', device: 'd' })).toContain(
      `,${id},scope=device,area=24943,site=s,device=d value`,
    )
  })

  test('has the target of its place with it, where there is one', () => {
    const place = { scope: 'area', key: '24943', area: '24943' } as const
    const at = (iso: string) => Date.parse(iso)
    const base = { scope: 'area', group: null, direction: null, source: 's', unconfirmed: false } as const
    const targetOf = targetsOf({
      described: {
        targets: [
          { ...base, indicator: indicator.id, key: null, period: '2026', value: 90 },
          { ...base, indicator: indicator.id, key: '24931', period: null, value: 70 },
          { ...base, indicator: 'other', key: null, period: null, value: 1 },
        ],
      } as unknown as LiveDistrict,
    })
    const text = (ts: number, key: string = place.key, value: number | undefined = 5) =>
      indicatorLine({ indicator, place: { ...place, key, area: key }, ts, value, level: 0, samples: 1 }, targetOf)
    expect(text(at('2026-06-01T00:00:00+07:00'))).toContain(' value=5,level=0i,samples=1i,target=90 ')
    // The year 2026 ends with the moment that stamps its last window.
    expect(text(at('2027-01-01T00:00:00+07:00'))).toContain('target=90 ')
    expect(text(at('2027-01-01T00:00:01+07:00'))).not.toContain('target=')
    expect(text(at('2020-06-01T00:00:00+07:00'), '24931')).toContain('target=70 ')
    const declared = { ...indicator, target: 98 }
    const point = { indicator: declared, place, ts: 0, value: 5, level: 0, samples: 1 } as const
    expect(indicatorLine(point)).toContain('target=98 ')
    expect(indicatorLine({ ...point, indicator: { ...declared, id: 'other' } }, targetOf)).toContain('target=1 ')
    expect(indicatorLine({ ...point, value: undefined })).not.toContain('target=')
  })

  test('that was taken back is a point of no samples, without a value', () => {
    const taken = { scope: 'district', key: 'district', area: undefined, site: undefined, device: undefined } as const
    const point = { indicator, place: { ...taken, group: undefined }, ts: 1000, level: 0, samples: 0 } as const
    expect(indicatorLine({ ...point, value: undefined })).toBe(
      `indicator,id=${indicator.id},scope=district level=0i,samples=0i 1000`,
    )
  })

  test.each([
    ['unicode', 'xe máy 🛵', 'xe máy 🛵'],
    ['what line protocol escapes', 'a,b=c d', 'a,b=c d'],
    ['quotes', `"it's"`, `"it's"`],
    ['a newline', 'a\nb\r\nc', 'a b  c'],
    ['a backslash at the end', 'a\\', 'a/'],
    ['a backslash before what is escaped', 'a\\,b\\=c\\ d', 'a/,b/=c/ d'],
    ['half a surrogate pair', 'a\ud800', 'a\ufffd'],
  ])('can be grouped by %s', (_what, group, tag) => {
    expect(tagsOf(line({ group }))['group']).toBe(tag)
  })

  test('of any group is one point, and the group is no other tag', () => {
    const unit = fc.oneof(
      fc.constantFrom('\\', ',', '=', ' ', '\n', '\r', '"', '#'),
      fc.string({ minLength: 1, maxLength: 1 }),
    )
    fc.assert(
      fc.property(fc.string({ unit, minLength: 1 }), (group) => {
        expect(Object.keys(tagsOf(line({ group })))).toEqual(['group', 'id', 'scope'])
      }),
    )
  })

  test('of the empty group has no tag, since line protocol cannot say one', () => {
    expect(line({ group: '' })).toBe(line({}))
  })
})

test('a roll-up has four fields for each metric', () => {
  const place = { scope: 'device', key: 's/d', area: '24943', site: 's', device: 'd', group: undefined } as const
  const metrics = [
    { metric: 'pm25', count: 3, mean: 2, min: 1, max: 3 },
    { metric: 'pm10', count: 1, mean: 7.5, min: 7.5, max: 7.5 },
  ]
  expect(rollupLine({ measurement: 'air_quality_1h', place, ts: 3_600_000, metrics })).toBe(
    'air_quality_1h,area=24943,site=s,device=d ' +
      'pm25_min=1,pm25_mean=2,pm25_max=3,pm25_count=3i,pm10_min=7.5,pm10_mean=7.5,pm10_max=7.5,pm10_count=1i 3600000',
  )
})

test('a ledger is counts of one node', () => {
  const counts = { sent: 9, stored: 5, duplicates: 4, queued: 2, lost: 1, rejected: 1, clamped: 3, too_late: 6 }
  const troubles = {
    corrected: 7,
    reused: 8,
    over_quota: 9,
    refused: 2,
    problem: { ts: 1, code: 'RECORD_INVALID', reason: 'x' },
  }
  expect(ledgerLine({ site: 's', node: 'n', ts: 10_000, ...counts, ...troubles, offset_ms: -12 })).toBe(
    'ledger,site=s,node=n sent=9i,stored=5i,duplicates=4i,queued=2i,lost=1i,rejected=1i,clamped=3i,too_late=6i,' +
      'corrected=7i,reused=8i,over_quota=9i,refused=2i,offset_ms=-12i 10000',
  )
})

describe('a position', () => {
  const position = {
    area: '24943',
    site: 's',
    device: undefined,
    name: "Trạm P'ró",
    lat: 11.75,
    lon: 108,
    ts: 7_200_001,
  }

  test('of a site has no device, of a device its tags; the time is that of the hour, so that it is written once', () => {
    expect(positionLine(position)).toBe(`place,area=24943,site=s lat=11.75,lon=108,name="Trạm P'ró" 7200000`)
    expect(positionLine({ ...position, area: undefined, device: 'd', ts: 7_199_999 })).toBe(
      `place,site=s,device=d lat=11.75,lon=108,name="Trạm P'ró" 3600000`,
    )
  })

  test('without a name has the one of its device, or site', () => {
    expect(positionLine({ ...position, name: null })).toContain('name="s" ')
    expect(positionLine({ ...position, name: null, device: 'd' })).toContain('name="d" ')
  })
})

test('an incident is one point, with how long people and recovery took', () => {
  const incident = incidentOf('site/a')
  expect(incidentLine(incident)).toMatch(/^incident,.*site=a/)
  expect(incidentLine(incident)).toContain('tta_s=30')
  expect(incidentLine(incident)).toContain('ttr_s=60')
  expect(incidentLine({ ...incident, state: 'open', ended: null }).split(' ')[0]).toBe(
    incidentLine(incident).split(' ')[0],
  )
})

test('an incident that was re-rooted keeps its series, and one that another took over is called merged', () => {
  const incident = { ...incidentOf('device/a/d1'), state: 'closed' } as const
  const rerooted = { ...incident, cause: 'upstream/line-2', first_cause: 'device/a/d1', merged_into: 3 } as const
  expect(incidentLine(rerooted).split(' ')[0]).toBe(incidentLine(incident).split(' ')[0])
  expect(incidentLine(rerooted)).toContain('cause="upstream/line-2",state="merged"')
})

function incidentOf(cause: LiveIncident['cause']): LiveIncident {
  return {
    ...{ id: 7, state: 'resolved', severity: 'high', title: { vi: 'Mất kết nối trạm a', en: 'Site a is unreachable' } },
    ...{ cause, aspect: 'loss', problem: 'children', began: 500, opened: 1_000, ended: 61_000 },
    ...{ acknowledged: null, assigned: null, affected: [], affected_count: 13, flapping: false, merged_into: null },
    ...{ merged: [], messages: 2, timeline: [{ at: 31_000, what: 'acknowledged', by: 'lan' }] },
  }
}
