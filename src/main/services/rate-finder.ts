/** The search for a learning rate: a trainer of its own, on the dataset at hand, on weights that are thrown away. */
import type { ConfigValues } from '../../shared/domain/config-layers'
import type { PresetName } from '../../shared/domain/presets'
import type { RateFinderResult } from '../../shared/domain/rate-finder'
import { acquireMachineLock } from '../storage/machine-lock'
import { runJob } from '../trainer/host'
import { chooseConfig } from './config/chosen-config'
import type { ResolvedConfig } from './config/run-config'
import type { DatasetsService } from './datasets'
import type { ModelsService } from './models'
import type { Places } from './places'
import { progressStream, type ProgressStream } from './progress-stream'

export class RateFinderService {
  constructor(
    private readonly places: Places,
    private readonly datasets: DatasetsService,
    private readonly models: ModelsService,
    private readonly options: { trainerPath?: string | undefined } = {},
  ) {}

  /** The configuration's first stage is tried. Waits while a training has the machine. @throws GraftError as a run's start does */
  find(input: { config: ConfigValues; datasetId: string; preset?: PresetName | null; resolved?: ResolvedConfig }, signal?: AbortSignal): ProgressStream<RateFinderResult> {
    return progressStream(async (report, inner) => {
      await this.datasets.lookAt(input.datasetId, report, inner)
      const { config, manifest } = chooseConfig(this.datasets.find(input.datasetId), { ...input, preset: input.preset ?? null })
      await this.models.requireUsable(config)
      this.models.endForecasts()
      const release = await acquireMachineLock('search for a learning rate', {
        path: this.places.lock,
        signal: inner,
        onWait: (owner) => {
          report(0, 1, `Waiting for the ${owner.what} (process ${owner.pid}) to end`)
        },
      })
      try {
        const job = runJob<'find-rate'>(
          { kind: 'find-rate', config, manifest },
          { signal: inner, trainerPath: this.options.trainerPath, onProgress: ({ message, done, total, soFar }) => report(done, total, message, soFar) },
        )
        return await job.result
      } finally {
        await release()
      }
    }, signal)
  }
}
