import type { Vendor } from './vendor.ts'

/**
 * Tapo and VIGI name detectors of their own, and the same one differently in each firmware (openvideolibs/onvif-parsers,
 * tests/test_tapo.py; JurajNyiri/HomeAssistant-Tapo-Control, issue 304).
 */
export const tpLink: Vendor = {
  manufacturer: /^(tp-?link|tapo|vigi)\b/i,
  topics: [
    { topic: /(Cell|Line)\w*Detector\/LineCross$/, kind: 'line_crossing', flags: ['IsLineCross', 'State'] },
    { topic: /(CellMotion|Intrusion)Detector\/Intrusion$/, kind: 'intrusion', flags: ['IsIntrusion', 'State'] },
    { topic: /(CellMotion|People)Detector\/People$/, kind: 'motion', flags: ['IsPeople', 'State'] },
    { topic: /Detector\/TPSmartEvent$/i, kind: 'motion', flags: ['IsPeople', 'IsVehicle', 'IsPet'] },
  ],
}
