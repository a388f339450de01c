import { signal } from '@preact/signals'

/** Whether the page is printed, or prepares for it: panels below the screen are then read as well. */
export const isPrinting = signal(false)

/** How long panels may load before the page is printed without them, in ms. */
const maxLoadingMs = 15_000
const checkMs = 100

/** Keeps `isPrinting` true while the browser prints by itself, as by Ctrl+P; it waits for nothing then. */
export function watchPrinting(): void {
  addEventListener('beforeprint', () => {
    isPrinting.value = true
  })
  addEventListener('afterprint', () => {
    isPrinting.value = false
  })
}

/** Prints the page once its panels have loaded. */
export async function printPage(): Promise<void> {
  isPrinting.value = true
  const until = performance.now() + maxLoadingMs
  do {
    await new Promise((resolve) => setTimeout(resolve, checkMs))
  } while (document.querySelector('.panel[data-state="loading"]') && performance.now() < until)
  print()
}
