/** What each stage freezes: the trainer's own plans, asked for once for each way of freezing. */
import { useEffect, useState } from 'react'
import { type FreezePlan, type FreezePlanQuestion, freezePlanQuestionSchema } from '../../../shared/domain/model'
import { assumedBatchSize, type RunConfig } from '../../../shared/domain/run-config'
import { type PlannedStage, plannedStages } from '../../../shared/domain/stages'
import { client } from '../../state/host'
import { failureOf } from '../../transport/streams'

const QUIET_MS = 80
const MOST_KNOWN = 300

/** A plan depends on its question alone. Null: the network has no such layers. */
const known = new Map<string, FreezePlan | null>()

export function freezeQuestion(config: RunConfig, { freeze, freeze_ratio }: Pick<PlannedStage, 'freeze' | 'freeze_ratio'>, classes: number): FreezePlanQuestion {
  return {
    backbone: config.backbone,
    head: config.head,
    freeze,
    freeze_ratio: freeze === 'ratio' ? freeze_ratio : 0,
    classes: Math.max(2, classes),
    imageSize: config.image_size,
    batchSize: assumedBatchSize(config),
    optimizer: config.optimizer,
  }
}

/** The plans of the stages in order; null where one is not known yet. */
export function useStagePlans(config: RunConfig, classes: number): readonly (FreezePlan | null)[] {
  const keys = plannedStages(config).map((stage) => JSON.stringify(freezeQuestion(config, stage, classes)))
  const joined = keys.join('\n')
  const [, setAnswers] = useState(0)
  useEffect(() => {
    const controller = new AbortController()
    const ask = async (): Promise<void> => {
      for (const key of new Set(joined.split('\n'))) {
        if (known.has(key)) continue
        try {
          const plan = await client().models.freezePlan(freezePlanQuestionSchema.parse(JSON.parse(key)), { signal: controller.signal })
          if (known.size >= MOST_KNOWN) known.clear()
          known.set(key, plan)
        } catch (error) {
          if (controller.signal.aborted) return
          if (failureOf(error) !== null) known.set(key, null)
        }
        setAnswers((count) => count + 1)
      }
    }
    const timer = setTimeout(() => void ask(), QUIET_MS)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [joined])
  return keys.map((key) => known.get(key) ?? null)
}
