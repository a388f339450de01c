import type { Pixel, Size } from './mercator.ts'

/** A text beside a point of the map. */
export interface LabelRequest extends Pixel {
  readonly key: string
  readonly text: string
  /** From the point to where the text may begin, in pixels. */
  readonly gapPx: number
}

export interface Label {
  readonly key: string
  readonly text: string
  /** Left edge and middle of the text. */
  readonly x: number
  readonly y: number
}

interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** Height of a line, in text sizes. */
const lineHeight = 1.3

/**
 * Places labels to the right of their points, else to the left, above or below; one that would cover another label or a
 * point (`taken`, as centre and radius), or leave the map, is left out. The first ones go first.
 */
export function placeLabels(
  requests: readonly LabelRequest[],
  taken: readonly (Pixel & { readonly radiusPx: number })[],
  widthOf: (text: string) => number,
  textPx: number,
  size: Size,
): Label[] {
  const boxes: Box[] = []
  const labels: Label[] = []
  const height = textPx * lineHeight
  for (const { key, text, x, y, gapPx } of requests) {
    const width = widthOf(text)
    const spots = [
      { x: x + gapPx, y },
      { x: x - gapPx - width, y },
      { x: x - width / 2, y: y - gapPx - height / 2 },
      { x: x - width / 2, y: y + gapPx + height / 2 },
    ]
    const spot = spots.find((at) => {
      const box = { left: at.x, right: at.x + width, top: at.y - height / 2, bottom: at.y + height / 2 }
      return (
        isInside(box, size) &&
        !boxes.some((other) => overlap(box, other)) &&
        !taken.some((point) => (point.x !== x || point.y !== y) && overlap(box, around(point)))
      )
    })
    if (!spot) continue
    boxes.push({ left: spot.x, right: spot.x + width, top: spot.y - height / 2, bottom: spot.y + height / 2 })
    labels.push({ key, text, ...spot })
  }
  return labels
}

function around({ x, y, radiusPx }: Pixel & { readonly radiusPx: number }): Box {
  return { left: x - radiusPx, right: x + radiusPx, top: y - radiusPx, bottom: y + radiusPx }
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

function isInside({ left, top, right, bottom }: Box, { width, height }: Size): boolean {
  return left >= 0 && top >= 0 && right <= width && bottom <= height
}
