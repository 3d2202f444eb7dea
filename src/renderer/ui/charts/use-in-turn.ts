/** Charts that appear or change together are drawn one a frame of the screen: together they would hold the window up. */
import { useEffect, useRef, useState } from 'react'

const waiting: (() => void)[] = []
let isRunning = false

function next(): void {
  const draw = waiting.shift()
  isRunning = draw !== undefined
  if (draw === undefined) return
  draw()
  requestAnimationFrame(next)
}

/** What is drawn now: `value` as it was at the chart's last turn; null before its first. `stamp` tells values apart. */
export function useInTurn<T>(value: T, stamp: string): T | null {
  const [drawn, setDrawn] = useState<T | null>(null)
  const newest = useRef(value)
  useEffect(() => {
    newest.current = value
  })
  useEffect(() => {
    const draw = (): void => setDrawn(() => newest.current)
    waiting.push(draw)
    if (!isRunning) {
      isRunning = true
      requestAnimationFrame(next)
    }
    return () => {
      const place = waiting.indexOf(draw)
      if (place >= 0) waiting.splice(place, 1)
    }
  }, [stamp])
  return drawn
}
