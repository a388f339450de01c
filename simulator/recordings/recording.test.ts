import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { expect, test } from 'vitest'
import { summarise } from './recording.ts'
import { readRecordingMap } from './recording-map.ts'

const good = 'time,pm25\n2026-02-01T07:30,18\n'
const goodMap = `time: { column: time, format: iso }
device: a
columns:
  - { column: pm25, metric: pm25 }
`

test.each([
  [
    'time,pm25\n2026-02-01T07:30,18\n2026-02-01T08:30,x\n',
    goodMap,
    'r.csv, line 3, column pm25: got "x"; expected a number',
  ],
  [
    'time;pm25\n2026-02-01T07:30;1.234\n',
    `separator: ";"\ndecimal: ","\n${goodMap}`,
    'r.csv, line 2, column pm25: got "1.234"; expected a number, with "," before its fraction',
  ],
  ['time,pm25\n2026-02-01T07:30,0x10\n', goodMap, 'r.csv, line 2, column pm25: got "0x10"; expected a number'],
  [
    'time,pm25\n2026-02-31T07:30:00Z,1\n',
    goodMap,
    'r.csv, line 2, column time: got "2026-02-31T07:30:00Z"; expected a time as iso',
  ],
  ['time,pm25,pm25\n2026-02-01T07:30,1,2\n', goodMap, 'r.csv, line 1: two columns have the name pm25'],
  [
    Buffer.from('time,pm25,ghi ch\u00fa\n', 'latin1'),
    goodMap,
    'r.csv, line 1: the text is not UTF-8: save the file with that encoding',
  ],
  [good, `type: air_qualty\n${goodMap}`, 'r.yaml, line 1: type: no device type air_qualty'],
  [
    good,
    `type: air_quality\n${goodMap.replace('metric: pm25', 'metric: pm2_5')}`,
    'r.yaml, line 5: columns[0].metric: air_quality has no metric pm2_5; it has pm25, pm10',
  ],
  [
    good,
    `${goodMap}  - { column: time, metric: pm25 }\n`,
    'r.yaml, line 5: columns[1].metric: columns pm25 and time are both pm25',
  ],
  [
    'time,pm25\n2026-02-30T07:30,18\n',
    goodMap,
    'r.csv, line 2, column time: got "2026-02-30T07:30"; expected a time as iso',
  ],
  ['time,pm25\n2026-02-01T07:30\n', goodMap, 'r.csv, line 2: has 1 fields; expected 2, as in line 1'],
  ['time,pm10\n', goodMap, 'r.csv, line 1: no column pm25; there are time, pm10'],
  ['time,pm25\n', goodMap, 'r.csv: no rows after the names of the columns'],
  ['', goodMap, 'r.csv: is empty; expected a line with the names of the columns'],
  ['time,pm25\n"2026,18\n', goodMap, 'r.csv, line 2, column time: a quoted field does not end'],
  [good, goodMap.replace('device: a', 'device: a b'), 'r.yaml, line 2: device: '],
  [good, goodMap.replace('device: a\n', ''), 'r.yaml, line 3: columns[0]: names no device'],
  [good, goodMap.replace('metric: pm25', 'metric: pm2.5'), 'r.yaml, line 4: columns[0].metric: '],
  [good, goodMap.replace('format: iso', 'format: iso, zone: Mars/Olympus'), 'r.yaml, line 1: time: Invalid time zone'],
  [good, goodMap.replace('iso', 'HH:mm'), 'r.yaml, line 1: time: HH:mm is not a time format'],
])('a recording or a map with a fault is refused, with its place: %#', async (text, mapText, reason) => {
  const folder = testFolder()
  const [file, mapFile] = [join(folder, 'r.csv'), join(folder, 'r.yaml')]
  writeFileSync(file, text)
  writeFileSync(mapFile, mapText)
  const summary = async () => summarise(file, readRecordingMap(mapFile))
  await expect(summary()).rejects.toMatchObject({ code: 'RECORDING_INVALID', message: expect.stringContaining(reason) })
  await expect(summary()).rejects.toMatchObject({ message: expect.not.stringContaining('\n') })
})
