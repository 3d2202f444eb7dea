/** The backbones there are, and what a freeze ratio means for one of them. */
import { useEffect, useState } from 'react'
import { type BackboneCard, type FreezePlan, type FreezePlanQuestion, freezePlanQuestionSchema } from '../../../shared/domain/model'
import { client } from '../../state/host'
import { report } from '../../state/machine'
import { useWeights } from '../../state/weights'
import { failureOf } from '../../transport/streams'

let lastCards: readonly BackboneCard[] | null = null

/** Asked for again at each visit, as weights may have been put in place meanwhile. */
export function useBackbones(): readonly BackboneCard[] | null {
  const [cards, setCards] = useState(lastCards)
  const fetched = useWeights((state) => state.fetched)
  useEffect(() => {
    const controller = new AbortController()
    const read = (): void => {
      client()
        .models.list(undefined, { signal: controller.signal })
        .then(({ backbones }) => {
          lastCards = backbones
          setCards(backbones)
        })
        .catch((error: unknown) => !controller.signal.aborted && report(error))
    }
    read()
    // Coming back from the file manager is when weights have just been copied.
    window.addEventListener('focus', read)
    return () => {
      controller.abort()
      window.removeEventListener('focus', read)
    }
  }, [fetched])
  return cards
}

const QUIET_MS = 80

/** The newest plan that is known; while another is asked for, the one before. */
export function useFreezePlan(question: FreezePlanQuestion): FreezePlan | null {
  const key = JSON.stringify({ ...question, classes: Math.max(2, question.classes) })
  const [plan, setPlan] = useState<FreezePlan | null>(null)
  useEffect(() => {
    const controller = new AbortController()
    const ask = async (): Promise<void> => {
      try {
        setPlan(await client().models.freezePlan(freezePlanQuestionSchema.parse(JSON.parse(key)), { signal: controller.signal }))
      } catch (error) {
        if (!controller.signal.aborted && failureOf(error) !== null) setPlan(null)
      }
    }
    const timer = setTimeout(() => void ask(), QUIET_MS)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [key])
  return plan?.backbone === question.backbone ? plan : null
}
