/** The parts of a long page, always in reach; the one that is in view is marked. */
import { t } from '@lingui/core/macro'
import { type RefObject, useEffect, useState } from 'react'
import classes from './page-parts.module.css'

export interface PagePart {
  /** Of its heading. */
  id: string
  name: string
}

/** A heading that is no further down than this, from the page's top, is of the part in view. */
const READING_LINE_PX = 140

export function PageParts({ parts, scroller }: { parts: readonly PagePart[]; scroller: RefObject<HTMLElement | null> }) {
  const current = usePartInView(parts, scroller)
  if (parts.length < 2) return null
  return (
    <nav className={classes.parts} aria-label={t`Parts of the results`}>
      {parts.map(({ id, name }) => (
        <button key={id} type="button" className={classes.part} aria-current={id === current ? 'true' : undefined} onClick={() => goTo(id)}>
          {name}
        </button>
      ))}
    </nav>
  )
}

function goTo(id: string): void {
  const heading = document.getElementById(id)
  if (heading === null) return
  const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches
  heading.scrollIntoView({ block: 'start', behavior: isStill ? 'auto' : 'smooth' })
  // Whoever goes by keyboard goes on from there.
  heading.tabIndex = -1
  heading.focus({ preventScroll: true })
}

function usePartInView(parts: readonly PagePart[], scroller: RefObject<HTMLElement | null>): string | null {
  const ids = parts.map(({ id }) => id).join(' ')
  const [current, setCurrent] = useState<string | null>(null)
  useEffect(() => {
    const box = scroller.current
    if (box === null) return
    const look = (): void => {
      const top = box.getBoundingClientRect().top
      const all = ids.split(' ')
      const isAtEnd = box.scrollTop > 0 && box.scrollTop + box.clientHeight >= box.scrollHeight - 2
      const seen = all.filter((id) => (document.getElementById(id)?.getBoundingClientRect().top ?? Infinity) - top <= READING_LINE_PX)
      setCurrent((isAtEnd ? all.at(-1) : seen.at(-1)) ?? all[0] ?? null)
    }
    look()
    box.addEventListener('scroll', look, { passive: true })
    return () => box.removeEventListener('scroll', look)
  }, [ids, scroller])
  return current
}
