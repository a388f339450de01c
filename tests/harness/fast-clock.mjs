// Loaded before a process of the centre: its wall clock runs faster, so that an hour passes in a test. IOC_TEST_CLOCK is when
// that began, in ms since 1970, how much faster it runs, and how far it is off, in ms. Timers and monotonic clocks stay as they are.
const [from, speed, offset = 0] = (process.env.IOC_TEST_CLOCK ?? '').split(',').map(Number)
const realNow = Date.now.bind(Date)
const now = () => Math.floor(from + (realNow() - from) * speed) + offset

if (speed > 0) {
  globalThis.Date = new Proxy(Date, {
    construct: (target, args, self) => Reflect.construct(target, args.length === 0 ? [now()] : args, self),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  })
}
