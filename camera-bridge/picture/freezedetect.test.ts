import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { encode, type PictureMode, Scene } from '@ioc/simulator/onvif-camera/scene.ts'
import { describe, expect, test } from 'vitest'
import { createBaseline } from './baseline.ts'
import { PictureWatch } from './picture-watch.ts'

const ffmpeg = '/usr/bin/ffmpeg'

function hasFfmpeg(): boolean {
  if (existsSync(ffmpeg)) return true
  if (process.env['IOC_REQUIRE_REAL'] === '1') throw new Error(`${ffmpeg} is missing: install ffmpeg`)
  console.warn(`skipped: no ${ffmpeg} whose freezedetect finds frozen clips too`)
  return false
}

/** Whether `freezedetect` finds that the clip, a frame a second, is frozen for at least five frames at its end. */
async function isFrozenToFfmpeg(pictures: readonly Buffer[]): Promise<boolean> {
  const input = ['-f', 'image2pipe', '-c:v', 'mjpeg', '-framerate', '1', '-i', '-']
  const child = spawn(ffmpeg, ['-hide_banner', ...input, '-vf', 'freezedetect=n=-60dB:d=5', '-f', 'null', '-'], {
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  let log = ''
  child.stderr.on('data', (data) => {
    log += data
  })
  child.stdin.end(Buffer.concat(pictures))
  await new Promise((resolve) => child.once('close', resolve))
  return log.includes('freeze_start')
}

describe.skipIf(!hasFfmpeg())('freezedetect of ffmpeg', () => {
  test.each([
    ['a quiet street', 1.5, 1, 'normal'],
    ['a quiet street with little noise', 0.7, 1, 'normal'],
    ['a night', 1.5, 0, 'normal'],
    ['a frozen street', 1.5, 1, 'frozen'],
    ['a frozen night', 1.5, 0, 'frozen'],
  ] satisfies [string, number, number, PictureMode][])('agrees about %s', async (_, noise, light, mode) => {
    const began = Date.parse('2026-11-03T08:00:00+07:00')
    const scene = new Scene({ width: 320, height: 180, noise })
    const watch = new PictureWatch(createBaseline(began), { fixed: true })
    const pictures: Buffer[] = []
    for (let at = 0; at < 40; at++) {
      const clock = began + at * 60_000
      pictures.push(await encode(scene.shoot({ clock, light, mode: at < 20 ? 'normal' : mode, moving: false })))
      await watch.observe(pictures[at] as Buffer, clock)
    }
    expect(watch.state).toBe(mode === 'normal' ? 'ok' : 'frozen')
    expect(await isFrozenToFfmpeg(pictures)).toBe(mode === 'frozen')
  })
})
