/** Pages of a dataset's pictures, asked for as they are scrolled to. */
import { useCallback, useEffect, useRef, useState } from 'react'
import type { Split } from '../../../shared/domain/dataset'
import type { Failure } from '../../../shared/domain/error'
import { client } from '../../state/host'
import type { Client } from '../../transport/connection'
import { failureOf } from '../../transport/streams'

export type PictureInfo = Awaited<ReturnType<Client['datasets']['pictures']>>['pictures'][number]

export interface PictureQuery {
  datasetId: string
  classIndex: number | null
  split: Split | null
  /** Changes when the split was drawn again, so that pages are asked for anew. */
  revision: string
  pageSize: number
}

export interface PicturePages {
  /** Null until the first page is there. */
  total: number | null
  pictures: readonly PictureInfo[]
  failure: Failure | null
  more: () => void
}

const NOTHING: Omit<PicturePages, 'more'> = { total: null, pictures: [], failure: null }

export function usePictures(query: PictureQuery): PicturePages {
  const { datasetId, classIndex, split, revision, pageSize } = query
  const [pages, setPages] = useState(NOTHING)
  const load = useRef<(() => void) | null>(null)

  useEffect(() => {
    const controller = new AbortController()
    let pictures: PictureInfo[] = []
    let total: number | null = null
    let isLoading = false
    const next = async (): Promise<void> => {
      if (isLoading || (total !== null && pictures.length >= total)) return
      isLoading = true
      try {
        const page = await client().datasets.pictures({ datasetId, classIndex, split, offset: pictures.length, limit: pageSize }, { signal: controller.signal })
        if (controller.signal.aborted) return
        pictures = [...pictures, ...page.pictures]
        total = page.total
        setPages({ total, pictures, failure: null })
      } catch (error) {
        const failure = failureOf(error)
        if (!controller.signal.aborted && failure !== null) setPages({ total, pictures, failure })
      } finally {
        isLoading = false
      }
    }
    load.current = () => void next()
    void next()
    return () => {
      controller.abort()
      load.current = null
    }
  }, [datasetId, classIndex, split, revision, pageSize])

  const more = useCallback(() => load.current?.(), [])
  return { ...pages, more }
}
