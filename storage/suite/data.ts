/** Seconds. */
export const base = 1_700_000_000

/** Some days around when Berlin turns its clocks back, and forth. Seconds. */
const turns = [1_698_447_600, 1_711_666_800]

/** Several tag sets, gaps, missing fields and tags, negatives, text, booleans, one time in two series. Times in seconds. */
const seconds: readonly string[] = [
  ...range(0, 60).map(
    (i) =>
      `air,area=${['ka-do', 'lac-xuan'][i % 2]},site=s${i % 3},device=aq-${i % 6} pm25=${(i * 7.3) % 50},n=${i - 20}i ${base + i * 17}`,
  ),
  ...range(0, 20).map((i) => `air,area=ka-do,site=s0,device=aq-0 pm10=${i * 1.5} ${base + i * 51 * 6}`),
  `air,area=ka-do,site=s9,device=aq-9 pm25=5.5,n=7i,ok=true,note="first \\"one\\"" ${base + 1}`,
  `air,area=ka-do,site=s9,device=aq-9 ok=false,note="xin chào, Đơn Dương" ${base + 60}`,
  `air,area=ka-do,site=s9,device=aq-9 pm25=9.25 ${base + 300}`,
  `air,site=s8 pm25=-3.5,n=-4i ${base + 2}`,
  `air,site=s8 pm25=1.25 ${base + 1019}`,
  `air pm25=2,n=1i ${base + 120}`,
  ...range(0, 12).map((i) => `load,host=h${i % 2} used=${100 - i}i,free=${i * 0.5} ${base + i * 60}`),
  `load,host=h0 used=50i ${base + 40 * 60}`,
  `tenants,tenant=a,zone=a n=1i,foo="a",b=true ${base + 1}`,
  `tenants,tenant=a,zone=b n=2i,foo="b" ${base + 2}`,
  `tenants,tenant=b n=3i ${base + 3}`,
  `tenants n=4i,foo="a",b=false ${base + 4}`,
  `tenants,tenant=x n=5i,foo="" ${base + 5}`,
  `tenants,zone=a n=6i,foo="zzz",f=1.5 ${base + 6}`,
  `tenants,tenant=1 n=1i,foo="1" ${base + 7}`,
  `tenants,tenant=true n=8i,b=true ${base + 8}`,
  `load,host=h1 text="x",flag=true ${base + 61}`,
  `case\\ file,kind=a\\,b,odd\\ key=c\\=d value=1,the\\ field=2i ${base}`,
  `Case,Kind=A value=1 ${base}`,
  `case,kind=a value=2 ${base}`,
  `big v=9007199254740993i,w=-9223372036854775808i,x=1e300,y=1e-7,z=123456789.125 ${base}`,
  `edge v=1 ${base - (base % 3600)}`,
  `edge v=2 ${base - (base % 3600) + 3599}`,
  `edge v=3 ${base - (base % 3600) + 3600}`,
  `edge v=10 ${base - (base % 86400) - 7 * 3600}`,
  `edge v=11 ${base - (base % 86400) - 7 * 3600 - 1}`,
  `solo v=5 ${base + 5}`,
  // Names that are of other types elsewhere.
  `mixed,v=tag n="text",pm25=3i,used="most",flag=2 ${base + 3}`,
  `mixed n="more",pm25=4i,x=9007199254740993i ${base + 33}`,
  ...turns.flatMap((from) => range(0, 64).map((i) => `clocks v=${(i * 37) % 97} ${from + i * 5400}`)),
  `old v=1 -86400`,
  `old v=2 -1`,
]

/** Times in nanoseconds, before 1970 and after, at the edges of windows, and with gaps. */
const nanoseconds: readonly string[] = [
  ...[
    -1_000_000_001n,
    -1_000_000_000n,
    -999_999_999n,
    -1n,
    0n,
    1n,
    59_999_999_999n,
    60_000_000_000n,
    60_000_000_001n,
  ].map((time, i) => `tick,k=${'ab'[i % 2]} v=${i - 4},n=${(i - 4) * (i - 4)}i ${time}`),
  `tick,k=a v=-0.5 3600000000000`,
  `tick,k=b n=-7i,on=false,word="late" 7200000000000`,
  `tick,k=c on=true,word="" 7200000000001`,
]

/** Line protocol, times in nanoseconds. */
export const suiteLines: readonly string[] = [...seconds.map((line) => `${line}000000000`), ...nanoseconds]

export const span = `time >= ${base}s AND time < ${base + 1200}s`
export const short = `time >= ${base}s AND time < ${base + 600}s`

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}
