/** Answers about pictures by the best checkpoint of a run, as it is at each question: a training may write a better one at any time. */
import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AnsweringModelCard, Answers, PictureAnswer, TriedAnswer } from '../../shared/domain/answer'
import type { Manifest } from '../../shared/domain/dataset'
import { Cancelled, type Failure, isCancellation, toFailure } from '../../shared/domain/error'
import type { Evaluation } from '../../shared/domain/metrics'
import { decideAbout, type DecisionRule, decisionRule } from '../../shared/domain/thresholds'
import { decodePicture } from '../dataset/decode'
import { throwIfCancelled } from '../dataset/cancellation'
import { manifestOfModel } from '../dataset/manifest-for-labels'
import { resizeBilinearAntialiased } from '../dataset/resize'
import { atTemperature } from '../engine/train/calibration'
import { argmax, softmax } from '../engine/train/metrics'
import { distances, isNoneOfThese, joined } from '../engine/train/nearness'
import { isThere } from '../storage/atomic-write'
import { thresholdsOfEpoch } from '../storage/chosen-thresholds'
import { RunFolder } from '../storage/run-folder'
import type { AskedPicture, AskedQuestion } from './answer-messages'
import { type AnswerNetwork, openAnswerNetwork, type SeenRows } from './answer-network'
import { fitReference, fitWithoutFeatures, gatherFeatures, type Reference, type ReferenceFeatures } from './answer-reference'
import { openCheckpoint } from './checkpoint-model'

/** Resized pictures that are kept: asked about again when the model gets better, they need no decoding. 150 kB each at 224 pixels. */
const MOST_KEPT = 200

interface OpenModel {
  readonly runDirectory: string
  /** Of the checkpoint's manifest: another one where a better epoch was written. */
  readonly key: string
  readonly epoch: number
  readonly side: number
  readonly classes: readonly string[]
  readonly network: AnswerNetwork
  /** Null until a training has ended. */
  readonly evaluation: Evaluation | null
  reference: Reference | null
  /** Resolves when `reference` is there, or when another model has taken this one's place. */
  settled: Promise<void>
}

/** The run whose questions are being answered. */
interface Seated {
  readonly runDirectory: string
  count: number
  /** By questions about another run, or behind them. */
  isAwaited: boolean
  readonly free: Promise<void>
  readonly open: () => void
}

type ReadPicture = { id: string; pixels: Uint8Array } | { id: string; failure: Failure }

export class Answerer {
  private model: OpenModel | null = null
  private features: { key: string; of: ReferenceFeatures } | null = null
  private gathering: { key: string; work: Promise<ReferenceFeatures | null> } | null = null
  private readonly pixels = new Map<string, Uint8Array>()
  private lastTurn: Promise<unknown> = Promise.resolve()
  private seated: Seated | null = null

  /** @param signal whoever asks has left @throws GraftError NOT_FOUND where the run has no epoch yet; Cancelled */
  async answer(question: AskedQuestion, signal: AbortSignal): Promise<Answers> {
    const leave = await this.takeSeat(question.runDirectory, signal)
    // Not waiting for what is under way: others need not either.
    signal.addEventListener('abort', leave, { once: true })
    try {
      return await this.answered(question, signal)
    } finally {
      signal.removeEventListener('abort', leave)
      leave()
    }
  }

  /**
   * One run at a time: its questions go together, until somebody waits who asks about another one. Taking turns in the middle, two windows would forever
   * undo what the other waits for.
   * @returns gives the seat back; harmless when called twice
   */
  private async takeSeat(runDirectory: string, signal: AbortSignal): Promise<() => void> {
    while (this.seated !== null && (this.seated.runDirectory !== runDirectory || this.seated.isAwaited)) {
      this.seated.isAwaited = true
      await this.seated.free
    }
    throwIfCancelled(signal)
    const seated = (this.seated ??= newlySeated(runDirectory))
    seated.count++
    let isSeated = true
    return () => {
      if (!isSeated) return
      isSeated = false
      if (--seated.count > 0) return
      this.seated = null
      seated.open()
    }
  }

  private async answered({ runDirectory, isSettled, heatmap, pictures }: AskedQuestion, signal: AbortSignal): Promise<Answers> {
    for (;;) {
      const model = await this.inTurn(() => {
        throwIfCancelled(signal)
        return this.current(runDirectory)
      })
      const read = await this.readAll(pictures, model.side, signal)
      if (isSettled) await model.settled
      const told = await this.inTurn(async () => {
        // Another question may have opened a better one meanwhile.
        if (this.model !== model) return null
        const looked = read.find((picture) => picture.id === heatmap?.id)
        const map = heatmap === null || looked === undefined || 'failure' in looked ? null : await model.network.heatmap(looked.pixels, heatmap.classIndex)
        return { model: cardOf(model), answers: await answersOf(model, read, await chosenRule(model)), heatmap: map }
      })
      if (told !== null) return told
    }
  }

  /** Sessions are used, opened and closed by one at a time. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.lastTurn.then(work)
    this.lastTurn = turn.catch(() => undefined)
    return turn
  }

  private async current(runDirectory: string): Promise<OpenModel> {
    const folder = await RunFolder.open(runDirectory)
    const { model } = this
    const key = await checkpointKey(folder)
    // Between the two renames of a replacement there is no manifest: what is open is still the best.
    const isSame = model?.runDirectory === runDirectory && (key === null || model.key === key)
    if (isSame && (model.evaluation !== null || !(await isEvaluated(folder)))) return model
    const evaluation = await folder.currentEvaluation('val', 'best').catch(() => null)
    if (isSame && evaluation === null) return model
    const checkpoint = await openCheckpoint(runDirectory, 'best')
    const { state } = checkpoint
    const network = await openAnswerNetwork(checkpoint, model?.network ?? null)
    const opened: OpenModel = { runDirectory, key: key ?? '', epoch: state.epoch, side: state.image_size, classes: state.classes, network, evaluation, reference: null, settled: Promise.resolve() }
    this.model = opened
    await model?.network.close()
    opened.settled = this.settle(opened, folder)
    return opened
  }

  /** Finds what the answers are held against; questions go before. */
  private async settle(model: OpenModel, folder: RunFolder): Promise<void> {
    const temperature = model.evaluation?.report.calibration?.temperature
    try {
      const manifest = manifestOfModel(await folder.manifest(), model.classes)
      if (model.network.featuresKey === null) {
        const isWanted = () => this.model === model
        const reference = await fitWithoutFeatures(this.inTurns(model.network, isWanted), manifest, model.side, isWanted, temperature)
        model.reference = reference
        return
      }
      const features = await this.gather(model, manifest)
      if (features === null) return
      await this.inTurn(async () => {
        if (this.model === model) model.reference = await fitReference(model.network, features, temperature)
      })
    } catch (error) {
      if (isCancellation(error)) return
      // The pictures may be gone; the model answers all the same.
      const calibration: Reference['calibration'] = typeof temperature === 'number' ? { kind: 'fitted', temperature, pictures: model.evaluation?.report.count ?? 1, isFromEvaluation: true } : { kind: 'impossible', why: 'no validation pictures' }
      model.reference = { training: null, calibration, noneOfThese: { kind: 'impossible', why: toFailure(error).message } }
    }
  }

  /** Of a backbone that stays as it is, once for all its heads; other runs have the same backbone, but pictures of their own. */
  private async gather(model: OpenModel, manifest: Manifest): Promise<ReferenceFeatures | null> {
    const { network, side } = model
    const key = gatheredKey(model)
    if (this.features?.key === key) return this.features.of
    if (this.gathering?.key !== key) {
      const isWanted = () => this.model !== null && gatheredKey(this.model) === key
      this.gathering = { key, work: gatherFeatures(this.inTurns(network, isWanted), manifest, side, isWanted) }
    }
    const { gathering } = this
    try {
      const features = await gathering.work
      if (features !== null) this.features = { key, of: features }
      return features
    } finally {
      if (this.gathering === gathering) this.gathering = null
    }
  }

  /** The network as long as it is wanted; afterwards its session may be closed. */
  private inTurns(network: AnswerNetwork, isWanted: () => boolean): AnswerNetwork {
    const whileWanted = <T>(work: () => Promise<T>): Promise<T> =>
      this.inTurn(() => {
        if (!isWanted()) throw new Cancelled()
        return work()
      })
    return {
      featuresKey: network.featuresKey,
      features: (pixels, count) => whileWanted(() => network.features(pixels, count)),
      logits: (of) => whileWanted(() => network.logits(of)),
      heatmap: (pixels, classIndex) => whileWanted(() => network.heatmap(pixels, classIndex)),
      close: () => network.close(),
    }
  }

  /** One after the other: each may take hundreds of megabytes before it is resized. */
  private async readAll(pictures: readonly AskedPicture[], side: number, signal: AbortSignal): Promise<ReadPicture[]> {
    const read: ReadPicture[] = []
    for (const picture of pictures) {
      throwIfCancelled(signal)
      read.push(await this.read(picture, side).catch((error: unknown) => ({ id: picture.id, failure: toFailure(error) })))
    }
    return read
  }

  private async read({ id, source }: AskedPicture, side: number): Promise<ReadPicture> {
    const key = `${side} ${id}`
    let pixels = this.pixels.get(key)
    if (pixels === undefined) {
      const decoded = await decodePicture('path' in source ? source.path : Buffer.from(source.bytes.buffer, source.bytes.byteOffset, source.bytes.byteLength))
      pixels = resizeBilinearAntialiased(decoded.pixels, decoded.width, decoded.height, side, side)
    }
    // The last used at the end.
    this.pixels.delete(key)
    this.pixels.set(key, pixels)
    for (const old of this.pixels.keys()) {
      if (this.pixels.size <= MOST_KEPT) break
      this.pixels.delete(old)
    }
    return { id, pixels }
  }
}

function newlySeated(runDirectory: string): Seated {
  let open = (): void => undefined
  const free = new Promise<void>((resolve) => (open = resolve))
  return { runDirectory, count: 0, isAwaited: false, free, open: () => open() }
}

const gatheredKey = ({ network, runDirectory }: OpenModel) => `${network.featuresKey ?? ''} ${runDirectory}`

const isEvaluated = (folder: RunFolder) => isThere(join(folder.directory, 'evaluation', 'val_best.json'))

/** Null where there is no checkpoint, or where it is just being replaced. */
async function checkpointKey(folder: RunFolder): Promise<string | null> {
  const manifest = await readFile(join(folder.checkpointDirectory('best'), 'manifest.json')).catch(() => null)
  return manifest === null ? null : hash('sha256', manifest)
}

/** What a person chose may change at any time, and holds for one epoch's model. */
async function chosenRule({ runDirectory, epoch, classes }: OpenModel): Promise<DecisionRule | null> {
  const chosen = await thresholdsOfEpoch(runDirectory, epoch)
  return chosen === null ? null : decisionRule(chosen, classes)
}

async function answersOf(model: OpenModel, pictures: readonly ReadPicture[], rule: DecisionRule | null): Promise<TriedAnswer[]> {
  const answers: TriedAnswer[] = []
  for (const picture of pictures) {
    if ('failure' in picture) answers.push({ id: picture.id, answer: null, failure: picture.failure })
    else answers.push({ id: picture.id, answer: await answerFor(model, picture.pixels, rule), failure: null })
  }
  return answers
}

async function answerFor({ network, evaluation, reference }: OpenModel, pixels: Uint8Array, rule: DecisionRule | null): Promise<PictureAnswer> {
  const features: SeenRows | null = network.featuresKey === null ? null : await network.features(pixels, 1)
  const [logits = new Float32Array(0)] = await network.logits(features ?? { pixels, count: 1 })
  const plain = softmax(logits, 0, logits.length)
  const temperature = temperatureOf(evaluation, reference)
  const probabilities = temperature === null ? plain : atTemperature(plain, temperature)
  const likeliest = argmax(probabilities, 0, probabilities.length)
  const decision = rule === null ? null : decideAbout(plain, rule)
  const top = decision?.index ?? likeliest
  const chosen = decision === null ? null : { likeliest, threshold: decision.isByThreshold ? (rule?.thresholds[top] ?? null) : null, isDecided: decision.index !== null }
  const distance = features === null || reference === null || reference.training === null ? null : (distances(joined(features, features.middle), reference.training)[0] ?? null)
  const threshold = evaluation?.report.classes[top]?.threshold?.probability ?? null
  return { verdict: verdictOf(), top, probabilities, distance, threshold, ...(chosen === null ? {} : { chosen }) }

  function verdictOf(): PictureAnswer['verdict'] {
    const limits = reference?.noneOfThese
    if (limits?.kind === 'fitted' && distance !== null && isNoneOfThese(limits, distance, probabilities[likeliest] ?? 0)) return 'none'
    if (decision?.index === null) return 'unsure'
    if (decision?.isByThreshold === true) return 'class'
    // As thresholds are fitted: on what the model gives by itself.
    return threshold !== null && (plain[top] ?? 0) < threshold ? 'unsure' : 'class'
  }
}

function temperatureOf(evaluation: Evaluation | null, reference: Reference | null): number | null {
  if (reference !== null) return reference.calibration.kind === 'fitted' ? reference.calibration.temperature : null
  return evaluation?.report.calibration?.temperature ?? null
}

function cardOf({ epoch, classes, evaluation, reference }: OpenModel): AnsweringModelCard {
  const known = evaluation?.report.calibration?.temperature
  const early: AnsweringModelCard['calibration'] =
    typeof known === 'number' ? { kind: 'fitted', temperature: known, pictures: Math.max(1, evaluation?.report.count ?? 1), isFromEvaluation: true } : { kind: 'pending' }
  return { epoch, classes: [...classes], calibration: reference?.calibration ?? early, noneOfThese: reference?.noneOfThese ?? { kind: 'pending' } }
}
