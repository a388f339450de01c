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

/** A clip that ffmpeg makes: colour bars with noise, a small counter of seconds in a corner. A picture each minute. */
async function makeClip(pictures: number, filters: string): Promise<Buffer[]> {
  const sources = ['smptehdbars=s=320x180:r=1', 'testsrc=s=64x32:r=1'].flatMap((source) => [
    '-f',
    'lavfi',
    '-i',
    source,
  ])
  const graph = `[0]${filters}[scene];[scene][1]overlay=0:0`
  const output = ['-frames:v', String(pictures), '-q:v', '3', '-f', 'image2pipe', '-c:v', 'mjpeg', '-']
  const child = spawn(ffmpeg, ['-hide_banner', '-loglevel', 'error', ...sources, '-filter_complex', graph, ...output], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const chunks: Buffer[] = []
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) chunks.push(chunk)
  return splitPictures(Buffer.concat(chunks))
}

/** Between the markers of the begin and the end of a JPEG, which its data never contain. */
function splitPictures(bytes: Buffer): Buffer[] {
  const pictures: Buffer[] = []
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(Buffer.from([0xff, 0xd9]), from)
    if (end < 0) break
    pictures.push(bytes.subarray(from, end + 2))
    from = end + 2
  }
  return pictures
}

describe.skipIf(!hasFfmpeg())('a clip of sixty pictures that ffmpeg made', () => {
  // Temporal noise alone: each picture has its own.
  const noise = 'noise=alls=3:allf=t'
  const frozenFrom20 = 'loop=loop=-1:size=1:start=20'
  const night = 'lutyuv=y=val*0.15'
  test.each([
    ['that stands still from the twentieth on, while its clock runs', `${noise},${frozenFrom20}`, 'frozen_clock_runs'],
    ['of a night that stands still', `${night},${noise},${frozenFrom20}`, 'frozen_clock_runs'],
    ['that is covered', `drawbox=t=fill:color=black:enable='gte(n,20)',${noise}`, 'covered'],
    ['that goes on', noise, 'ok'],
    ['of a night', `${night},${noise}`, 'ok'],
  ])('%s is found out between the 25th and the 27th, and nothing else is', async (_, filters, state) => {
    const began = Date.parse('2026-11-03T08:00:00+07:00')
    const watch = new PictureWatch(createBaseline(began), { fixed: true })
    const states: string[] = []
    for (const [at, picture] of (await makeClip(60, filters)).entries()) {
      states.push(await watch.observe(picture, began + at * 60_000))
    }
    expect(states).toHaveLength(60)
    const found = states.findIndex((one) => one !== 'ok' && one !== 'unknown')
    expect(new Set(states.slice(30))).toEqual(new Set([state]))
    if (state === 'ok') expect(found).toBe(-1)
    else {
      expect(states[found]).toBe(state)
      expect(found + 1).toBeGreaterThanOrEqual(25)
      expect(found + 1).toBeLessThanOrEqual(27)
    }
  })
})
