import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CameraFile } from '@ioc/camera-bridge/cameras/camera-file.ts'
import { BaselineStore } from '@ioc/camera-bridge/picture/baseline-store.ts'
import { testWorker } from '@ioc/camera-bridge/testing/worker.ts'
import { startCamera } from '@ioc/simulator/onvif-camera/testing/camera.ts'
import { expect, onTestFinished, test } from 'vitest'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

async function ioc(dataDir: string, args: readonly string[], input = '') {
  const child = spawn(process.execPath, [main, 'camera', ...args], { env: { ...process.env, IOC_DATA_DIR: dataDir } })
  let [output, errors] = ['', '']
  child.stdout.on('data', (data) => {
    output += data
  })
  child.stderr.on('data', (data) => {
    errors += data
  })
  child.stdin.end(input)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, output, errors }
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ioc-camera-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const login = { username: 'admin', password: 'bí mật' }

test('a camera is added with its identity, listed, tested and removed, and its password is not shown', async () => {
  const dataDir = newFolder()
  const camera = await startCamera({ login })
  const added = await ioc(
    dataDir,
    ['add', 'cong', camera.deviceUrl, '--username', 'admin', '--stdin', '--title', 'Cổng'],
    'bí mật\n',
  )
  expect(added).toMatchObject({ code: 0, errors: '' })
  expect(added.output).toMatch(/^cong: online \(IOC Simulated, 5\.10, 20260000000000000001\)\n/)
  const listed = await ioc(dataDir, ['list', '--json'])
  expect(JSON.parse(listed.output)).toEqual([
    {
      name: 'cong',
      type: 'camera',
      title: 'Cổng',
      onvif: camera.deviceUrl,
      username: 'admin',
      serial: '20260000000000000001',
      mac: '02:00:00:00:00:01',
    },
  ])
  camera.state.stream = 'missing'
  expect(await ioc(dataDir, ['test', 'cong'])).toMatchObject({
    code: 1,
    output: expect.stringMatching(/^cong: degraded, no_stream \(.*\nstream +failed$/ms),
  })
  expect(await ioc(dataDir, ['add', 'again', camera.deviceUrl])).toMatchObject({
    code: 1,
    errors: expect.stringContaining('CAMERA_EXISTS'),
  })
  expect(await ioc(dataDir, ['explain', 'cong'])).toMatchObject({ code: 1 })
  expect(await ioc(dataDir, ['remove', 'cong'])).toMatchObject({ code: 0 })
  expect((await ioc(dataDir, ['list', '--json'])).output).toBe('[]\n')
})

test('another camera at the address, and a clock without NTP, are explained', async () => {
  const dataDir = newFolder()
  const camera = await startCamera({ identity: { serial: 'S-2' } })
  Object.assign(camera.state, { clockOffsetMs: 600_000, ntp: false })
  const folder = join(dataDir, 'camera-bridge')
  const entry = { name: 'cong', type: 'camera', onvif: camera.deviceUrl, serial: 'S-1' } as const
  new CameraFile(folder).add(entry)
  const worker = testWorker(entry)
  await worker.check()
  const { baseline, figures } = worker.pictures
  new BaselineStore(folder).save('cong', { baseline, figures, health: worker.diagnosis })
  const { code, output } = await ioc(dataDir, ['explain', 'cong'])
  expect(code).toBe(0)
  expect(output).toMatch(/^cong: degraded, Another camera answers at this address at /)
  expect(output).toMatch(/^clock +failed +(59|60)\d(\.\d)? s ahead; NTP is off: the clock is set by hand$/m)
  expect(output).toMatch(/^identity +failed +answers: IOC Simulated, serial S-2, .*; expected: serial S-1, /m)
})

test('a list of cameras is imported whole or not at all', async () => {
  const dataDir = newFolder()
  const path = join(dataDir, 'cameras.csv')
  const header = 'Name;Title;ONVIF;Stream;Username;Password;Lat;Lon\n'
  writeFileSync(
    path,
    `\uFEFF${header}c-1;"Cổng; phía Đông";http://10.0.0.1/onvif/device_service;;admin;bí mật;11,76;108,48\nc-2;;ftp://10.0.0.2;;;;;\n`,
  )
  expect(await ioc(dataDir, ['import', path])).toMatchObject({
    code: 1,
    errors: expect.stringContaining('CAMERAS_INVALID'),
  })
  expect((await ioc(dataDir, ['list', '--json'])).output).toBe('[]\n')
  writeFileSync(
    path,
    `${header}c-1;"Cổng; phía Đông";http://10.0.0.1/onvif/device_service;;admin;bí mật;11,76;108,48\nc-2;;;rtsp://10.0.0.2/live;;;;\n`,
  )
  expect(await ioc(dataDir, ['import', path])).toMatchObject({ code: 0, output: '2 cameras added\n' })
  const file = new CameraFile(join(dataDir, 'camera-bridge'))
  expect(file.list()).toMatchObject([
    { name: 'c-1', title: 'Cổng; phía Đông', lat: 11.76, lon: 108.48 },
    { name: 'c-2', stream: 'rtsp://10.0.0.2/live' },
  ])
  expect(file.account(file.find('c-1'))).toEqual(login)
})

test.each([
  [['add', 'c'], /ADDRESS is missing/],
  [['add', 'c', 'http://127.0.0.1:9/', '--type', 'webcam'], /--type must be one of camera, high_camera/],
])('wrong use is reported: %j', async (args, message) => {
  const { code, errors } = await ioc(newFolder(), args)
  expect(code).toBe(2)
  expect(errors).toMatch(message)
})

test('a camera that got another address stays the same camera, and another one does not take its place', async () => {
  const dataDir = newFolder()
  const identity = { serial: 'S-1', mac: '02:00:00:00:00:09' }
  const old = await startCamera({ login, identity })
  const moved = await startCamera({ login, identity })
  const other = await startCamera({ login, identity: { serial: 'S-2' } })
  expect(
    await ioc(dataDir, ['add', 'cong', old.deviceUrl, '--username', 'admin', '--stdin'], 'bí mật\n'),
  ).toMatchObject({
    code: 0,
  })
  await old.stop()
  expect(await ioc(dataDir, ['move', 'cong', other.deviceUrl])).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/another camera answers there: its serial number is S-2, not S-1 \[CAMERA_EXISTS\]/),
  })
  expect(await ioc(dataDir, ['move', 'cong', moved.deviceUrl])).toMatchObject({
    code: 0,
    output: expect.stringMatching(/^cong: online/),
  })
  expect(await ioc(dataDir, ['test', 'cong'])).toMatchObject({
    code: 0,
    output: expect.stringMatching(/^cong: online/),
  })
  const listed = JSON.parse((await ioc(dataDir, ['list', '--json'])).output)
  expect(listed).toMatchObject([{ name: 'cong', onvif: moved.deviceUrl, username: 'admin', ...identity }])
  expect(await ioc(dataDir, ['move', 'cong', 'xyz'])).toMatchObject({ code: 2 })
  expect(await ioc(dataDir, ['move', 'khac', moved.deviceUrl])).toMatchObject({ code: 1 })
})

test('another device at the address of a camera takes its place when asked to, with its own login', async () => {
  const dataDir = newFolder()
  const old = await startCamera({ login, identity: { serial: 'S-1', mac: '02:00:00:00:00:09' } })
  await ioc(dataDir, ['add', 'cong', old.deviceUrl, '--username', 'admin', '--stdin'], 'bí mật\n')
  const { port } = new URL(old.deviceUrl)
  await old.stop()
  expect(await ioc(dataDir, ['replace', 'cong'])).toMatchObject({
    code: 1,
    errors: expect.stringContaining('CAMERA_UNREACHABLE'),
  })
  const newLogin = { username: 'ky-thuat', password: 'khác hẳn' }
  await startCamera({ login: newLogin, identity: { serial: 'S-2' }, port: Number(port) })
  expect(await ioc(dataDir, ['replace', 'cong'])).toMatchObject({
    code: 1,
    errors: expect.stringContaining('CAMERA_UNAUTHORIZED'),
  })
  expect(
    await ioc(dataDir, ['replace', 'cong', '--username', 'ky-thuat', '--stdin'], `${newLogin.password}\n`),
  ).toMatchObject({ code: 0, output: expect.stringMatching(/^cong: online \(.*S-2\)/) })
  const [listed] = JSON.parse((await ioc(dataDir, ['list', '--json'])).output)
  expect(listed).toMatchObject({ name: 'cong', onvif: old.deviceUrl, username: 'ky-thuat', serial: 'S-2' })
  expect(await ioc(dataDir, ['test', 'cong'])).toMatchObject({ code: 0 })
})
