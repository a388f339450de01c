import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CameraFile } from '@ioc/camera-bridge/cameras/camera-file.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { describe, expect, test } from 'vitest'
import { chosenProcesses } from './processes.ts'

const names = (dataDir: string, more: { cameraDataDir?: string; processes?: string } = {}) =>
  chosenProcesses({ processes: '', influxUrl: '', cameraDataDir: '', dataDir, ...more }).map(({ name }) => name)

function withCameras(folder: string, credential: string | undefined): void {
  mkdirSync(folder, { recursive: true })
  new CameraFile(folder).add({ name: 'cam', type: 'camera', stream: 'rtsp://192.0.2.1/' })
  if (credential === undefined) return
  mkdirSync(join(folder, credential, '..'), { recursive: true })
  writeFileSync(join(folder, credential), '{}')
}

describe('the camera bridge is started with the centre', () => {
  test.each([
    ['a credential of its own', 'credential.json'],
    ['credentials of sites', 'credentials/pole-2.json'],
  ])('where it has cameras and %s', (_, credential) => {
    const dataDir = testFolder()
    withCameras(join(dataDir, 'camera-bridge'), credential)
    expect(names(dataDir)).toContain('camera-bridge')
  })

  test('where its folder is elsewhere', () => {
    const cameraDataDir = testFolder()
    withCameras(cameraDataDir, 'credential.json')
    expect(names(testFolder(), { cameraDataDir })).toContain('camera-bridge')
  })

  test('not without cameras, nor without a credential, unless it is named', () => {
    const dataDir = testFolder()
    expect(names(dataDir)).toEqual(['storage', 'broker', 'stream-processor', 'alerting', 'wall', 'edge-agent'])
    withCameras(join(dataDir, 'camera-bridge'), undefined)
    expect(names(dataDir)).not.toContain('camera-bridge')
    expect(names(dataDir, { processes: 'camera-bridge' })).toEqual(['camera-bridge'])
  })
})
