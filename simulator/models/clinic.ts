import type { Site } from '@ioc/contract/district/sites.ts'
import { counterOf } from '../counter.ts'
import { fluAt } from '../flu.ts'
import { bell, dayMs, dayOf, hourMs, hourOf, startOf } from '../local-time.ts'
import type { Model, World } from '../model.ts'
import { type Key, keyOf, poisson, uniform, wave } from '../noise.ts'
import { clamp, memo, round } from '../numbers.ts'
import { officeOf } from '../office.ts'
import { peopleNear } from '../population.ts'
import { forKinds, sensor } from '../sources.ts'

/** Patients stay so many days, on average. */
const meanStay = { health_centre: 5.5, clinic: 2.5 } as const
const occupancy = { health_centre: 0.76, clinic: 0.3 } as const
const firstAdmissionHour = 7
const lastAdmissionHour = 22
const firstDischargeHour = 8
const lastDischargeHour = 16

/** Patients in the beds, as whole numbers that add up: occupied + admissions − discharges is occupied an hour later. */
function wardOf(key: Key, beds: number, share: number, stay: number) {
  /** In the beds when a day begins. */
  const atStart = (day: number) =>
    Math.round(beds * clamp(share + 0.12 * wave(key, startOf(day), 6 * dayMs) + 0.05 * (uniform(key, day) - 0.5), 0, 1))
  /** Of each hour of a day. */
  const flows = memo((day) => {
    const patients = atStart(day)
    const change = atStart(day + 1) - patients
    const leaving = Math.max(Math.min(patients, poisson(key, day * 4 + 1, patients / stay)), -change)
    const spread = (name: string, count: number, first: number, last: number) => {
      const hours = new Array<number>(24).fill(0)
      const own = keyOf(key, name, `${day}`)
      for (let one = 0; one < count; one++) {
        const hour = first + Math.floor(uniform(own, one) * (last - first))
        hours[hour] = (hours[hour] ?? 0) + 1
      }
      return hours
    }
    return {
      admissions: spread('admissions', leaving + change, firstAdmissionHour, lastAdmissionHour),
      discharges: spread('discharges', leaving, firstDischargeHour, lastDischargeHour),
    }
  })
  const admissions = counterOf(60, (ts) => flows(dayOf(ts)).admissions[Math.floor(hourOf(ts))] ?? 0)
  const discharges = counterOf(60, (ts) => flows(dayOf(ts)).discharges[Math.floor(hourOf(ts))] ?? 0)
  const occupied = (ts: number) => {
    const from = startOf(dayOf(ts))
    return atStart(dayOf(ts)) + admissions.between(from, ts) - discharges.between(from, ts)
  }
  return { admissions, discharges, occupied }
}

function clinicSources(site: Site, world: World) {
  const kind = site.kind === 'health_centre' ? 'health_centre' : 'clinic'
  const key = keyOf(world.seed, 'clinic', site.site)
  const office = officeOf(world.calendar)
  const beds = kind === 'health_centre' ? 150 : Math.round(5 + (peopleNear(site) / 14_000) * 6)
  const ward = wardOf(keyOf(key, 'ward'), beds, occupancy[kind], meanStay[kind])
  const visitsPerDay = kind === 'health_centre' ? 340 : peopleNear(site) * 0.0032
  const hourly = (name: string, mean: (ts: number, hour: number, isWorking: boolean) => number) => {
    const own = keyOf(key, name)
    return counterOf(60, (ts) =>
      poisson(own, Math.floor(ts / hourMs), mean(ts, hourOf(ts), office.isWorking(dayOf(ts)))),
    )
  }
  const visits = hourly('visits', (ts, hour, isWorking) => {
    const course = (isWorking ? 0.19 : 0.05) * (bell(hour, 8.5, 1.8) + 0.6 * bell(hour, 14, 1.6)) + 0.004
    return visitsPerDay * course * (1 + 0.15 * wave(key, ts, 10 * dayMs)) * (1 + 0.9 * fluAt(site, world, ts))
  })
  const emergencies = hourly('emergencies', (_, hour) => visitsPerDay * 0.0014 * (0.6 + bell(hour, 19, 5)))
  const transfers = hourly('transfers', (_, hour) => visitsPerDay * 0.0012 * bell(hour, 11, 5))
  /** Children are vaccinated at clinics on two days of the month, and in the days about them. */
  const vaccinations = hourly('vaccinations', (ts, hour, isWorking) => {
    if (!isWorking || hour < 7 || hour >= 11) return 0
    const date = new Date(dayOf(ts) * dayMs).getUTCDate()
    const isSession = date === 10 || date === 25
    return (peopleNear(site) / 10_000) * (isSession ? 14 : 0.8)
  })
  return [
    sensor(site, world, {
      type: 'clinic',
      device: 'clinic',
      cadence_s: 3600,
      measure(ts, since) {
        let treatmentDays = 0
        for (let from = since; from < ts; from += hourMs) {
          const to = Math.min(ts, from + hourMs)
          // Patients come and go within the hour: they are counted as many as there are in its middle.
          treatmentDays += (ward.occupied((from + to) / 2) * (to - from)) / dayMs
        }
        return {
          beds,
          beds_occupied: ward.occupied(ts),
          bed_days: round((beds * (ts - since)) / dayMs, 6),
          treatment_days: round(treatmentDays, 6),
          visits: visits.between(since, ts),
          emergencies: emergencies.between(since, ts),
          admissions: ward.admissions.between(since, ts),
          discharges: ward.discharges.between(since, ts),
          transfers: transfers.between(since, ts),
          vaccinations: vaccinations.between(since, ts),
        }
      },
    }),
  ]
}

/** The health centre and the clinics, with figures of each hour. */
export const clinicModel: Model = { name: 'clinic', sources: forKinds(['health_centre', 'clinic'], clinicSources) }
