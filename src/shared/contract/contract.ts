/**
 * Every call between the studio and the main process, on one page.
 *
 * The same contract runs over Electron's message ports and over a WebSocket. Long calls are streams of progress that end with
 * a result; closing a stream cancels the work, except for runs, which belong to the main process and go on.
 */
import { t } from '@lingui/core/macro'
import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'
import { findingSchema } from '../domain/advice'
import { answersSchema, questionSchema } from '../domain/answer'
import { changedPictureSchema, changeKindSchema, comparedIdsSchema, comparedRunSchema, comparisonSchema } from '../domain/compare'
import { datasetSummarySchema, splitRatiosSchema, splitSchema } from '../domain/dataset'
import { epochPicturesSchema } from '../domain/epoch-answers'
import { failureSchema } from '../domain/error'
import { explanationsSchema } from '../domain/explanation'
import { exportOptionsSchema, exportReportSchema } from '../domain/export'
import { fixedSchema, fixRequestSchema } from '../domain/fix'
import { fixedPictureSchema, pictureFixSchema, runFixesSchema } from '../domain/fix-run'
import { journalSchema } from '../domain/fix-journal'
import { healthItemsSchema, healthKindSchema, healthReportSchema } from '../domain/health'
import { figureFileSchema, figureFormatSchema, figureNameSchema } from '../domain/figure'
import { evaluationSchema, predictionSchema } from '../domain/metrics'
import { importReportSchema, importRequestSchema } from '../domain/import'
import { backboneCardSchema, forecastSchema, freezePlanQuestionSchema, freezePlanSchema, weightsFileSchema } from '../domain/model'
import { previewSchema } from '../domain/preview'
import { queueViewSchema } from '../domain/queue'
import { rateFinderResultSchema } from '../domain/rate-finder'
import { checkpointStateSchema, MOST_TAGS, runNoteSchema, runRecordSchema, runTagSchema, sequencedRunEventSchema } from '../domain/run'
import { presetNameSchema } from '../domain/presets'
import { augmentationSchema, runConfigSchema } from '../domain/run-config'
import { sparse } from '../domain/sparse'
import { suspectsReportSchema } from '../domain/suspects'
import { chosenThresholdSchema, chosenThresholdsSchema, LARGEST_MISS_COST, SMALLEST_MISS_COST } from '../domain/thresholds'
import { toldThresholdSchema } from '../domain/thresholds-told'
import { doctorCheckSchema, progressStream, settingsSchema, storageUsageSchema, systemInfoSchema } from '../domain/system'

/** Failures travel as typed data in the error's `data`. */
const call = oc.errors({ FAILURE: { message: t`The call failed`, data: failureSchema } })

const runId = z.object({ runId: z.string() })
const dataset = z.object({ datasetId: z.string() })
/** Of the augmentation single parts may be given too. */
const partialConfig = sparse(runConfigSchema.extend({ augmentation: sparse(augmentationSchema) }))
const newRun = z.object({ datasetId: z.string(), preset: presetNameSchema.nullable(), config: partialConfig, name: z.string().max(200).nullable() })
const page = z.object({ offset: z.int().nonnegative().default(0), limit: z.int().positive().max(500).default(100) })

const folderSchema = z.object({
  path: z.string(),
  parent: z.string().nullable(),
  folders: z.array(z.object({ name: z.string(), path: z.string() })),
  /** Pictures directly in the folder, to recognise it by. */
  pictures: z.int(),
  /** Files directly in the folder that may hold a model, by their names. */
  models: z.array(z.object({ name: z.string(), path: z.string(), sizeBytes: z.int().nonnegative() })),
})

const pictureInfoSchema = z.object({
  /** Part of the thumbnail's address: see `pictureUrl`. */
  index: z.int(),
  path: z.string(),
  classIndex: z.int(),
  split: splitSchema,
})

export const contract = {
  system: {
    info: call.output(systemInfoSchema),
    doctor: call.output(eventIterator(progressStream(z.object({ checks: z.array(doctorCheckSchema) })))),
    /** The machine, the installation and how runs ended, without a name of a person, a folder or a file. */
    diagnostics: call.output(z.object({ text: z.string() })),
    storage: call.output(storageUsageSchema),
    clearCache: call.output(storageUsageSchema),
  },
  settings: {
    get: call.output(settingsSchema),
    update: call.input(sparse(settingsSchema)).output(settingsSchema),
  },
  files: {
    /** Folders that the browser door may look below. Empty path: the roots. */
    list: call.input(z.object({ path: z.string() })).output(folderSchema),
    makeFolder: call.input(z.object({ parent: z.string(), name: z.string().min(1).max(200) })).output(folderSchema),
    /** The system's own folder dialog; desktop only. Null when the person closed it. */
    chooseFolder: call.input(z.object({ title: z.string() })).output(z.object({ path: z.string().nullable() })),
    /** The same for the file of a model. */
    chooseModelFile: call.input(z.object({ title: z.string() })).output(z.object({ path: z.string().nullable() })),
    reveal: call.input(z.object({ path: z.string() })).output(z.object({ revealed: z.boolean() })),
  },
  datasets: {
    /** Scans a folder and proposes a split. */
    open: call.input(z.object({ path: z.string() })).output(eventIterator(progressStream(datasetSummarySchema))),
    /** Draws the sample dataset if it is not there yet, then opens it. */
    openSample: call.output(eventIterator(progressStream(datasetSummarySchema))),
    /** The split again, with other ratios or another seed. */
    split: call.input(z.object({ datasetId: z.string(), ratios: splitRatiosSchema, seed: z.int().nonnegative() })).output(datasetSummarySchema),
    get: call.input(z.object({ datasetId: z.string() })).output(datasetSummarySchema),
    pictures: call
      .input(page.extend({ datasetId: z.string(), classIndex: z.int().nullable().default(null), split: splitSchema.nullable().default(null) }))
      .output(z.object({ total: z.int(), pictures: z.array(pictureInfoSchema) })),
  },
  health: {
    /** Looks at the pixels of every picture, once for each file; the split then keeps together what looks alike. */
    report: call.input(dataset).output(eventIterator(progressStream(healthReportSchema))),
    /** What a finding is about, after the report is there. */
    items: call.input(page.extend({ datasetId: z.string(), kind: healthKindSchema })).output(healthItemsSchema),
    /** What was decided about the pictures; files on disk never change. */
    journal: call.input(dataset).output(journalSchema),
    fix: call.input(dataset.extend({ fix: fixRequestSchema })).output(fixedSchema),
    undo: call.input(dataset).output(fixedSchema),
    redo: call.input(dataset).output(fixedSchema),
  },
  uploads: {
    /**
     * Asks for a place to upload a dropped folder to, or one file; files follow by HTTP PUT. Browser door only. What is passing
     * serves one piece of work: it may be cancelled after its end as well, and is gone after a day in any case.
     */
    begin: call
      .input(z.object({ name: z.string().min(1).max(200), files: z.int().positive(), sizeBytes: z.int().nonnegative(), isPassing: z.boolean().default(false) }))
      .output(z.object({ uploadId: z.string(), directory: z.string(), quotaBytes: z.number() })),
    /** Ends the upload; its folder can be opened as a dataset. */
    finish: call.input(z.object({ uploadId: z.string() })).output(z.object({ path: z.string(), files: z.int() })),
    cancel: call.input(z.object({ uploadId: z.string() })).output(z.object({ cancelled: z.boolean() })),
  },
  models: {
    list: call.output(z.object({ backbones: z.array(backboneCardSchema) })),
    freezePlan: call
      .input(freezePlanQuestionSchema)
      .output(freezePlanSchema),
    /** Measures a few steps on this machine, once for each network and depth, then answers from memory. */
    forecast: call.input(z.object({ preset: presetNameSchema.nullable().default(null), config: partialConfig, datasetId: z.string() })).output(forecastSchema),
    /** Tries learning rates on weights that are thrown away. Progress brings the curve so far as `soFar`. */
    findLearningRate: call
      .input(z.object({ preset: presetNameSchema.nullable().default(null), config: partialConfig, datasetId: z.string() }))
      .output(eventIterator(progressStream(rateFinderResultSchema))),
  },
  previews: {
    /** What the network would be shown of a picture of the dataset. Who asks again leaves the call before. */
    views: call.input(z.object({ datasetId: z.string(), path: z.string(), preset: presetNameSchema.nullable().default(null), config: partialConfig })).output(previewSchema),
  },
  weights: {
    /** Published files of weights, backbone by backbone, oldest generation first; nothing goes out. */
    list: call.output(z.object({ directory: z.string(), files: z.array(weightsFileSchema) })),
    /** Fetches one of them: the only call that goes out to the network. Leaving the stream keeps what has come for the next time. */
    fetch: call
      .input(z.object({ backbone: z.string(), name: z.string().nullable().default(null) }))
      .output(eventIterator(progressStream(weightsFileSchema))),
  },
  runs: {
    list: call.output(z.object({ runs: z.array(runRecordSchema) })),
    get: call.input(runId).output(
      z.object({
        run: runRecordSchema,
        config: runConfigSchema,
        directory: z.string(),
        checkpoints: z.object({ best: checkpointStateSchema.nullable(), latest: checkpointStateSchema.nullable() }),
      }),
    ),
    /** The run that a path of this machine leads to: its folder, or a file in it by which it is opened. It is listed from then on; null where there is none. */
    at: call.input(z.object({ path: z.string() })).output(z.object({ runId: z.string().nullable() })),
    start: call.input(newRun).output(z.object({ runId: z.string() })),
    /** Events from `since` on: the past first, then live ones until the run ends. */
    events: call.input(runId.extend({ since: z.int().nonnegative().default(0) })).output(eventIterator(sequencedRunEventSchema)),
    /** Tells whenever a run appears, changes or goes. */
    changes: call.output(eventIterator(z.object({ runId: z.string() }))),
    pause: call.input(runId).output(runRecordSchema),
    unpause: call.input(runId).output(runRecordSchema),
    /** Ends training after the step at hand, keeps and evaluates the best checkpoint. */
    stop: call.input(runId).output(runRecordSchema),
    /** Goes on with a stopped, interrupted or failed run from its latest checkpoint. */
    resume: call.input(runId).output(runRecordSchema),
    rename: call.input(runId.extend({ name: z.string().min(1).max(200) })).output(runRecordSchema),
    /** Tags in place of those there are, the note, whether it is archived; what is left out stays. */
    mark: call.input(runId.extend({ tags: z.array(runTagSchema).max(MOST_TAGS).optional(), note: runNoteSchema.optional(), archived: z.boolean().optional() })).output(runRecordSchema),
    /** To the system's trash; UNSUPPORTED where there is none. Null: only the system can put it back. */
    trash: call.input(runId).output(z.object({ restoreId: z.string().nullable() })),
    restore: call.input(z.object({ restoreId: z.string() })).output(runRecordSchema),
    /** For good. */
    remove: call.input(runId).output(z.object({ removed: z.boolean() })),
    log: call.input(runId).output(z.object({ text: z.string() })),
  },
  /** Runs that wait for their turn; `runs.changes` tells of changes here too. */
  queue: {
    get: call.output(queueViewSchema),
    /** A new run, at its end. `place`: from 1. */
    add: call.input(newRun).output(z.object({ runId: z.string(), place: z.int() })),
    /** A run that came to no end; one that is live is put aside first, with its place kept. */
    put: call.input(runId).output(z.object({ place: z.int() })),
    move: call.input(runId.extend({ to: z.int().nonnegative() })).output(queueViewSchema),
    /** The run stays, as stopped. */
    remove: call.input(runId).output(queueViewSchema),
    /** What is at work in this program is put aside, and comes next. */
    startNow: call.input(runId).output(queueViewSchema),
    /** Held, nothing more begins. */
    hold: call.input(z.object({ held: z.boolean() })).output(queueViewSchema),
    forgetEnded: call.output(queueViewSchema),
  },
  results: {
    /** From the run's folder where it is there, else computed. */
    evaluate: call
      .input(runId.extend({ split: splitSchema, checkpoint: z.enum(['best', 'latest']).default('best') }))
      .output(eventIterator(progressStream(evaluationSchema))),
    /** The pictures of one cell of the confusion matrix, surest first. */
    cell: call
      .input(runId.extend({ split: splitSchema, truth: z.int().nonnegative(), prediction: z.int().nonnegative() }).extend(page.shape))
      .output(z.object({ total: z.int(), pictures: z.array(predictionSchema) })),
    /** Validation pictures as they were answered after an epoch: those of a cell of its matrix, else those whose answer it changed. Surest first; while the run trains, too. */
    epochPictures: call
      .input(runId.extend({ epoch: z.int().positive(), kind: changeKindSchema.nullable().default(null), cell: z.object({ truth: z.int().nonnegative(), prediction: z.int().nonnegative() }).nullable().default(null) }).extend(page.shape))
      .output(epochPicturesSchema),
    /** Where the model looked in some of the run's pictures, and the training pictures most alike to them. Heatmaps come as `soFar`. */
    explain: call
      .input(runId.extend({ checkpoint: z.enum(['best', 'latest']).default('best'), paths: z.array(z.string()).min(1).max(32), neighbours: z.int().nonnegative().max(24).default(6) }))
      .output(eventIterator(progressStream(explanationsSchema))),
    /** What the pictures say of their own labels; from the run's folder where it is there, else null or, with `mayLook`, found out, which waits for what has the machine. */
    suspects: call.input(runId.extend({ mayLook: z.boolean() })).output(eventIterator(progressStream(suspectsReportSchema.nullable()))),
    /** What the run's numbers say of how it learned, with what to try. */
    advice: call.input(runId).output(z.object({ findings: z.array(findingSchema) })),
    /** A figure as the run's folder has it, to be saved. */
    figure: call
      .input(runId.extend({ figure: figureNameSchema, format: figureFormatSchema, split: splitSchema, checkpoint: z.enum(['best', 'latest']).default('best') }))
      .output(figureFileSchema),
    /** The run's report, one HTML file, written anew. */
    report: call.input(runId).output(figureFileSchema),
  },
  /** Decisions about the pictures of a run, in the journal of its dataset, which need not be open; files on disk never change. */
  runFixes: {
    get: call.input(runId).output(runFixesSchema),
    fix: call.input(runId.extend({ fix: pictureFixSchema })).output(runFixesSchema),
    undo: call.input(runId).output(runFixesSchema),
    redo: call.input(runId).output(runFixesSchema),
    /** Trains again from the run's best weights with its settings and its split, on its pictures as they are now. */
    retrain: call.input(runId.extend({ name: z.string().max(200).nullable() })).output(z.object({ runId: z.string() })),
    /** Of a run that was trained again: what has another label than in the run before, or takes part in only one of the two. From kept evaluations. */
    fixedPictures: call.input(runId.extend({ split: splitSchema })).output(z.object({ pictures: z.array(fixedPictureSchema) })),
  },
  thresholds: {
    /** What was chosen for the run's classes; not current: for an earlier checkpoint, and not used. */
    chosen: call.input(runId).output(z.object({ chosen: chosenThresholdsSchema.nullable(), isCurrent: z.boolean() })),
    /** What a threshold does to the validation pictures and, where there are some, to the test pictures: from kept evaluations, none is computed. */
    tell: call
      .input(runId.extend({ classIndex: z.int().nonnegative(), missCost: z.number().min(SMALLEST_MISS_COST).max(LARGEST_MISS_COST), threshold: z.number().min(0).max(1) }))
      .output(z.object({ validation: toldThresholdSchema, test: toldThresholdSchema.nullable() })),
    /** In place of what the class had; what answers pictures uses it from then on. */
    keep: call.input(runId.extend({ chosen: chosenThresholdSchema })).output(chosenThresholdsSchema),
    drop: call.input(runId.extend({ name: z.string() })).output(z.object({ chosen: chosenThresholdsSchema.nullable() })),
  },
  comparisons: {
    /** Settings and curves, in the order asked for; runs that are gone are named. */
    runs: call.input(z.object({ runIds: comparedIdsSchema })).output(z.object({ runs: z.array(comparedRunSchema), missing: z.array(z.string()) })),
    /** The first run with each of the others on the pictures that both were measured on: from kept evaluations, none is computed. */
    paired: call.input(z.object({ runIds: comparedIdsSchema, split: splitSchema })).output(comparisonSchema),
    /** Pictures that two runs answer differently, what the other is surest of first. */
    changes: call
      .input(
        page.extend({
          baseId: z.string(),
          otherId: z.string(),
          split: splitSchema,
          kind: changeKindSchema.nullable().default(null),
          /** Pictures that came into this cell or left it; indexes of the pair's classes. */
          cell: z.object({ truth: z.int().nonnegative(), prediction: z.int().nonnegative() }).nullable().default(null),
        }),
      )
      .output(z.object({ total: z.int(), pictures: z.array(changedPictureSchema) })),
  },
  answers: {
    /** What the run's best model so far says of pictures that are tried, while it trains too. */
    ask: call.input(questionSchema).output(answersSchema),
  },
  exports: {
    start: call
      .input(
        runId.extend({
          checkpoint: z.enum(['best', 'latest']).default('best'),
          directory: z.string().min(1),
          /** What it is written as; left out: a SavedModel. */
          options: exportOptionsSchema.prefault({}),
        }),
      )
      .output(eventIterator(progressStream(exportReportSchema))),
  },
  imports: {
    /** A model that another program trained becomes a run; it is evaluated on the pictures that come with it. */
    start: call.input(importRequestSchema).output(eventIterator(progressStream(importReportSchema))),
  },
}
export type Contract = typeof contract

/** Address of a picture, shrunk to `side` pixels and re-encoded, under the studio's own origin. */
export function pictureUrl(source: { datasetId: string } | { runId: string }, path: string, side: 96 | 192 | 768): string {
  const [kind, id] = 'datasetId' in source ? ['datasets', source.datasetId] : ['runs', source.runId]
  return `/pictures/${kind}/${encodeURIComponent(id)}?path=${encodeURIComponent(path)}&side=${side}`
}

/** Address for the upload of one file. */
export function uploadUrl(uploadId: string, relativePath: string): string {
  return `/uploads/${encodeURIComponent(uploadId)}?path=${encodeURIComponent(relativePath)}`
}
