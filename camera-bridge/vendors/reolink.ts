import type { Vendor } from './vendor.ts'

/** Reolink reports what it recognizes as rules of its own (home-assistant/core, issue 101033). */
export const reolink: Vendor = {
  manufacturer: /^reolink\b/i,
  topics: [
    {
      topic: /MyRuleDetector\/(PeopleDetect|VehicleDetect|DogCatDetect|FaceDetect)$/,
      kind: 'motion',
      flags: ['State'],
    },
    { topic: /MyRuleDetector\/(Tamper|TamperDetect)$/, kind: 'tamper', flags: ['IsTamper', 'State'] },
  ],
}
