/** Pages of what a finding is about, asked for as they are scrolled to. */
import { useCallback, useEffect, useRef, useState } from 'react'
import type { Failure } from '../../../shared/domain/error'
import type { HealthItem, HealthKind } from '../../../shared/domain/health'
import { client } from '../../state/host'
import { failureOf } from '../../transport/streams'

const PAGE = 200

export interface FindingItems {
  /** Null until the first page is there. */
  total: number | null
  items: readonly HealthItem[]
  failure: Failure | null
  more: () => void
}

const NOTHING: Omit<FindingItems, 'more'> = { total: null, items: [], failure: null }

/** @param revision changes with every decision; the old items stay until the new ones are there, so that nothing jumps */
export function useFindingItems(datasetId: string, kind: HealthKind, revision: number): FindingItems {
  const [pages, setPages] = useState(NOTHING)
  const load = useRef<(() => void) | null>(null)
  const shownCount = useRef(0)

  useEffect(() => {
    const controller = new AbortController()
    let items: HealthItem[] = []
    let total: number | null = null
    let isLoading = false
    const next = async (limit: number): Promise<void> => {
      if (isLoading || (total !== null && items.length >= total)) return
      isLoading = true
      try {
        const page = await client().health.items({ datasetId, kind, offset: items.length, limit }, { signal: controller.signal })
        if (controller.signal.aborted) return
        items = [...items, ...page.items]
        total = page.total
        shownCount.current = items.length
        setPages({ total, items, failure: null })
      } catch (error) {
        const failure = failureOf(error)
        if (!controller.signal.aborted && failure !== null) setPages({ total, items, failure })
      } finally {
        isLoading = false
      }
    }
    load.current = () => void next(PAGE)
    // After a decision as many as were there, within what one call may ask for.
    void next(Math.min(500, Math.max(PAGE, shownCount.current)))
    return () => {
      controller.abort()
      load.current = null
    }
  }, [datasetId, kind, revision])

  const more = useCallback(() => load.current?.(), [])
  return { ...pages, more }
}
