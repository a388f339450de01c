import { casesOf } from '../cases.ts'
import { nightAt } from '../guests.ts'
import { hourMs, minuteMs, startOf } from '../local-time.ts'
import type { Model } from '../model.ts'
import { daily, forKinds } from '../sources.ts'

/** Rooms and guests of a night, sent at 22:00. */
export const lodgingModel: Model = {
  name: 'lodging',
  sources: forKinds(['lodging'], (site, world) => [
    daily(site, {
      type: 'lodging',
      device: 'lodging',
      hour: 22,
      has: () => true,
      report(day) {
        const night = nightAt(site, world, day)
        return {
          rooms: night.rooms,
          rooms_sold: night.sold,
          arrivals_domestic: night.arrivalsDomestic,
          arrivals_foreign: night.arrivalsForeign,
          nights_domestic: night.nightsDomestic,
          nights_foreign: night.nightsForeign,
          undeclared: night.undeclared,
        }
      },
    }),
  ]),
}

/** Guests are declared before 23:00, and who comes later before 08:00 of the next day (law 68/2020/QH14, article 30). */
const dueHour = 23
const lateShare = 0.015

/** A notice for each guest who is declared; the police confirm it within hours. */
export const lodgingRegistrationModel: Model = {
  name: 'lodging_registration',
  cases: forKinds(['lodging'], (site, world) => {
    const declared = (day: number) => {
      const { arrivalsDomestic, arrivalsForeign, undeclared } = nightAt(site, world, day)
      return { all: arrivalsDomestic + arrivalsForeign - undeclared, foreign: arrivalsForeign }
    }
    return [
      casesOf(site, world, {
        type: 'lodging_registration',
        device: 'lodging-registrations',
        prefix: 'LT',
        expected: (day) => declared(day).all,
        isExact: true,
        life({ day, number, draw, pick }) {
          const opened = startOf(day) + Math.round((14 + 7 * draw(0)) * hourMs)
          const due = startOf(day) + dueHour * hourMs
          const late = draw(1) < lateShare
          const closed = late ? due + (1 + 8 * draw(2)) * hourMs : opened + (5 + 90 * draw(2)) * minuteMs
          return {
            due,
            steps: [
              {
                ts: opened,
                state: 'declared',
                attributes: {
                  guest: number < declared(day).foreign ? 'foreign' : 'domestic',
                  channel: pick(3, ['Cổng dịch vụ công', 'VNeID', 'VNeID', 'Trực tiếp', 'Điện thoại']),
                  late,
                },
              },
              { ts: Math.round(closed), state: 'confirmed', isClosed: true },
            ],
          }
        },
      }),
    ]
  }),
}
