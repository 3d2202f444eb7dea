/** How many parameters the run's network has: as it was told when training began, else counted. */
import { useEffect, useState } from 'react'
import { assumedBatchSize } from '../../../shared/domain/run-config'
import type { RunRecord } from '../../../shared/domain/run'
import { client } from '../../state/host'
import { report } from '../../state/machine'
import { useRun } from '../../state/run'

export function useParameters(record: RunRecord): number | null {
  const told = useRun((run) => run.view.start?.parameters ?? null)
  const config = useRun((run) => run.config)
  const [counted, setCounted] = useState<number | null>(null)
  const { backbone } = record
  const classCount = record.classes.length
  useEffect(() => {
    if (told !== null || config === null || classCount < 2) return
    let isGone = false
    const { head, freeze, freeze_ratio } = config
    client()
      .models.freezePlan({ backbone, head, freeze, freeze_ratio, classes: classCount, imageSize: config.image_size, batchSize: assumedBatchSize(config), optimizer: config.optimizer })
      .then(({ parameters }) => {
        if (!isGone) setCounted(parameters)
      }, report)
    return () => {
      isGone = true
    }
  }, [told, config, backbone, classCount])
  return told ?? counted
}
