/** Binds the contract to the services, with one converter for whatever they throw. */
import { implement, ORPCError, ValidationError } from '@orpc/server'
import { z } from 'zod'
import { contract } from '../../shared/contract/contract'
import { failureSchema, isCancellation, toFailure } from '../../shared/domain/error'
import type { Failure } from '../../shared/domain/error'
import type { Studio } from './studio'

export interface RouterOptions {
  /** Told of every defect, with its technical part. */
  onBug?: (failure: Failure) => void
}

const failedItemSchema = z.object({ kind: z.literal('failed'), failure: failureSchema })

/** A cancelled call is answered with this; nobody waits for the answer. */
const CANCELLED = 'CLIENT_CLOSED_REQUEST'

function isAsyncIterator(value: unknown): value is AsyncGenerator<unknown, unknown, unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value && 'next' in value
}

export function createRouter(studio: Studio, options: RouterOptions = {}) {
  const onBug = options.onBug ?? ((failure: Failure) => console.error(failure.detail ?? failure.message))

  function converted(error: unknown): ORPCError<string, unknown> {
    if (isCancellation(error)) return new ORPCError(CANCELLED, { message: 'Cancelled' })
    let failure: Failure
    if (error instanceof ORPCError) {
      const known = error as ORPCError<string, unknown>
      if (!(known.cause instanceof ValidationError) || known.code !== 'BAD_REQUEST') return known
      const fields = known.cause.issues.slice(0, 3).map((issue) => `${(issue.path ?? []).map(String).join('.') || 'input'}: ${issue.message}`)
      failure = { code: 'BAD_INPUT', message: `The call is not as expected (${fields.join('; ')}).`, action: 'Correct the value and try again.' }
    } else {
      failure = toFailure(error)
    }
    if (failure.code === 'BUG') onBug(failure)
    return new ORPCError('FAILURE', { defined: true, message: failure.message, data: failure })
  }

  async function* convertedStream(stream: AsyncGenerator<unknown, unknown, unknown>): AsyncGenerator<unknown, void, unknown> {
    try {
      for await (const item of stream) {
        // Progress streams tell their failure as their last item.
        const end = failedItemSchema.safeParse(item)
        if (end.success && end.data.failure.code === 'BUG') onBug(end.data.failure)
        yield item
      }
    } catch (error) {
      throw converted(error)
    }
  }

  const os = implement(contract).use(async ({ next }) => {
    try {
      const result = await next()
      return isAsyncIterator(result.output) ? { ...result, output: convertedStream(result.output) } : result
    } catch (error) {
      throw converted(error)
    }
  })
  const { system, storage, settings, files, datasets, health, uploads, models, previews, rateFinder, weights, runs, shelf, results, thresholds, answering, comparisons, exports, imports } = studio

  return os.router({
    system: {
      info: os.system.info.handler(() => system.info()),
      doctor: os.system.doctor.handler(({ signal }) => system.doctor(signal)),
      diagnostics: os.system.diagnostics.handler(() => studio.diagnostics.text()),
      storage: os.system.storage.handler(() => storage.usage()),
      clearCache: os.system.clearCache.handler(() => storage.clearCache()),
    },
    settings: {
      get: os.settings.get.handler(() => settings.get()),
      update: os.settings.update.handler(async ({ input }) => {
        const updated = await settings.update(input)
        if (input.background !== undefined) await runs.setBackground(updated.background)
        return updated
      }),
    },
    files: {
      list: os.files.list.handler(({ input }) => files.list(input)),
      makeFolder: os.files.makeFolder.handler(({ input }) => files.makeFolder(input)),
      chooseFolder: os.files.chooseFolder.handler(({ input }) => studio.chooseFolder(input.title)),
      chooseModelFile: os.files.chooseModelFile.handler(({ input }) => studio.chooseModelFile(input.title)),
      reveal: os.files.reveal.handler(({ input }) => studio.reveal(input.path)),
    },
    datasets: {
      open: os.datasets.open.handler(({ input, signal }) => datasets.open(input, signal)),
      openSample: os.datasets.openSample.handler(({ signal }) => datasets.openSample(signal)),
      split: os.datasets.split.handler(({ input }) => datasets.split(input)),
      get: os.datasets.get.handler(({ input }) => datasets.get(input)),
      pictures: os.datasets.pictures.handler(({ input }) => datasets.pictures(input)),
    },
    health: {
      report: os.health.report.handler(({ input, signal }) => health.report(input, signal)),
      items: os.health.items.handler(({ input }) => health.items(input)),
      journal: os.health.journal.handler(({ input }) => health.journal(input)),
      fix: os.health.fix.handler(({ input }) => health.fix(input)),
      undo: os.health.undo.handler(({ input }) => health.undo(input)),
      redo: os.health.redo.handler(({ input }) => health.redo(input)),
    },
    uploads: {
      begin: os.uploads.begin.handler(({ input }) => uploads.begin(input)),
      finish: os.uploads.finish.handler(({ input }) => uploads.finish(input)),
      cancel: os.uploads.cancel.handler(({ input }) => uploads.cancel(input)),
    },
    models: {
      list: os.models.list.handler(() => models.list()),
      freezePlan: os.models.freezePlan.handler(({ input }) => models.freezePlan(input)),
      forecast: os.models.forecast.handler(({ input, signal }) => models.forecast(input, signal)),
      findLearningRate: os.models.findLearningRate.handler(({ input, signal }) => rateFinder.find(input, signal)),
    },
    previews: {
      views: os.previews.views.handler(({ input, signal }) => previews.views(input, signal)),
    },
    weights: {
      list: os.weights.list.handler(() => weights.list()),
      fetch: os.weights.fetch.handler(({ input, signal }) => weights.fetch(input, signal)),
    },
    runs: {
      list: os.runs.list.handler(() => runs.list()),
      get: os.runs.get.handler(({ input }) => runs.get(input)),
      at: os.runs.at.handler(({ input }) => studio.runAt(input.path)),
      start: os.runs.start.handler(({ input }) => runs.start(input)),
      events: os.runs.events.handler(({ input, signal }) => runs.events(input, signal)),
      changes: os.runs.changes.handler(({ signal }) => runs.changes(signal)),
      pause: os.runs.pause.handler(({ input }) => runs.pause(input)),
      unpause: os.runs.unpause.handler(({ input }) => runs.unpause(input)),
      stop: os.runs.stop.handler(({ input }) => runs.stop(input)),
      resume: os.runs.resume.handler(({ input }) => runs.resume(input)),
      rename: os.runs.rename.handler(({ input }) => shelf.rename(input)),
      mark: os.runs.mark.handler(({ input }) => shelf.mark(input)),
      trash: os.runs.trash.handler(({ input }) => shelf.trash(input)),
      restore: os.runs.restore.handler(({ input }) => shelf.restore(input)),
      remove: os.runs.remove.handler(({ input }) => shelf.remove(input)),
      log: os.runs.log.handler(({ input }) => shelf.log(input)),
    },
    queue: {
      get: os.queue.get.handler(() => studio.queue.get()),
      add: os.queue.add.handler(({ input }) => studio.queue.add(input)),
      put: os.queue.put.handler(({ input }) => studio.queue.put(input)),
      move: os.queue.move.handler(({ input }) => studio.queue.move(input).then(() => studio.queue.get())),
      remove: os.queue.remove.handler(({ input }) => studio.queue.remove(input).then(() => studio.queue.get())),
      startNow: os.queue.startNow.handler(({ input }) => studio.queue.startNow(input).then(() => studio.queue.get())),
      hold: os.queue.hold.handler(({ input }) => studio.queue.hold(input).then(() => studio.queue.get())),
      forgetEnded: os.queue.forgetEnded.handler(() => studio.queue.forgetEnded().then(() => studio.queue.get())),
    },
    results: {
      evaluate: os.results.evaluate.handler(({ input, signal }) => results.evaluate(input, signal)),
      cell: os.results.cell.handler(({ input, signal }) => results.cell(input, signal)),
      epochPictures: os.results.epochPictures.handler(({ input }) => studio.epochAnswers.pictures(input)),
      explain: os.results.explain.handler(({ input, signal }) => studio.explanations.explain(input, signal)),
      suspects: os.results.suspects.handler(({ input, signal }) => studio.suspects.look(input, signal)),
      advice: os.results.advice.handler(({ input }) => results.advice(input)),
      figure: os.results.figure.handler(({ input, signal }) => results.figure(input, signal)),
      report: os.results.report.handler(({ input, signal }) => results.report(input, signal)),
    },
    runFixes: {
      get: os.runFixes.get.handler(({ input }) => studio.runFixes.get(input)),
      fix: os.runFixes.fix.handler(({ input }) => studio.runFixes.fix(input)),
      undo: os.runFixes.undo.handler(({ input }) => studio.runFixes.undo(input)),
      redo: os.runFixes.redo.handler(({ input }) => studio.runFixes.redo(input)),
      retrain: os.runFixes.retrain.handler(({ input }) => studio.runFixes.retrain(input)),
      fixedPictures: os.runFixes.fixedPictures.handler(({ input }) => studio.runFixes.fixedPictures(input)),
    },
    thresholds: {
      chosen: os.thresholds.chosen.handler(({ input }) => thresholds.chosen(input)),
      tell: os.thresholds.tell.handler(({ input }) => thresholds.tell(input)),
      keep: os.thresholds.keep.handler(({ input }) => thresholds.keep(input)),
      drop: os.thresholds.drop.handler(({ input }) => thresholds.drop(input)),
    },
    comparisons: {
      runs: os.comparisons.runs.handler(({ input }) => comparisons.runs(input)),
      paired: os.comparisons.paired.handler(({ input }) => comparisons.paired(input)),
      changes: os.comparisons.changes.handler(({ input }) => comparisons.changes(input)),
    },
    answers: {
      ask: os.answers.ask.handler(({ input, signal }) => answering.ask(input, signal)),
    },
    exports: {
      start: os.exports.start.handler(({ input, signal }) => exports.start(input, signal)),
    },
    imports: {
      start: os.imports.start.handler(({ input, signal }) => imports.start(input, signal)),
    },
  })
}
export type StudioRouter = ReturnType<typeof createRouter>
