import { useEffect, useState } from 'preact/hooks'
import { subscribe } from '../live.ts'

/** Changes of many cameras are read together, at most so often, in ms. */
const gatherMs = 1_500

/** Counts the changes of the cameras below a topic; what a page reads, it reads again at each. */
export function useCameraChanges(topic: string): number {
  const [version, setVersion] = useState(0)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const end = subscribe([topic], () => {
      timer ??= setTimeout(() => {
        timer = undefined
        setVersion((count) => count + 1)
      }, gatherMs)
    })
    return () => {
      clearTimeout(timer)
      end()
    }
  }, [topic])
  return version
}
