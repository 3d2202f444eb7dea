/** A network with its weights, asked what it sees in pictures and where it looked. */
import { HEATMAP_FEEDS, type HeatmapProgram } from '../compile/heatmap'
import type { TensorMap } from '../formats/tensor-map'
import { loadState } from './network-session'
import { type Feed, Session } from './session'

/** What is asked about one picture of a batch. */
export interface HeatmapQuestion {
  /** Place of the picture in the batch. */
  readonly picture: number
  readonly classIndex: number
}

/** Divided by its own largest value: 0…1, row by row from the top left. */
export interface Heatmap {
  readonly height: number
  readonly width: number
  readonly values: Float32Array
  /** The largest value before; 0 where nothing in the picture speaks for the class, and then all values are 0. */
  readonly peak: number
}

export interface PictureAnswers {
  /** [N, classes] */
  readonly logits: Float32Array
  /** [N, channels], the means of the last feature maps. */
  readonly pooled: Float32Array
  readonly heatmaps: readonly Heatmap[]
}

export class HeatmapSession {
  private readonly session: Session

  constructor(
    readonly program: HeatmapProgram,
    weights: TensorMap,
  ) {
    this.session = new Session(program.savedModel, program.placeholders)
    loadState(this.session, program, weights)
  }

  /**
   * @param pixels uint8 [count, side, side, 3]
   * @param ask called with the logits [N, classes]: which heatmaps are wanted. Left out: none
   */
  answer(pixels: Uint8Array, count: number, ask: (logits: Float32Array) => readonly HeatmapQuestion[] = () => []): PictureAnswers {
    const { answer, placeholders } = this.program
    const [, ...shape] = placeholders.find(({ name }) => name === HEATMAP_FEEDS.pixels)?.shape ?? []
    const [maps, pooledTensor, logitsTensor] = this.session.run(new Map([[HEATMAP_FEEDS.pixels, { shape: [count, ...shape], data: pixels }]]), answer.fetches)
    if (maps === undefined || pooledTensor === undefined || logitsTensor === undefined) throw new Error('The graph gave no result')
    try {
      const pooled = this.session.read(pooledTensor)
      const logits = this.session.read(logitsTensor)
      const questions = ask(logits)
      return { logits, pooled, heatmaps: questions.length === 0 ? [] : this.heatmapsOf(maps, questions) }
    } finally {
      this.session.release(maps)
    }
  }

  close(): void {
    this.session.close()
  }

  private heatmapsOf(maps: Feed, questions: readonly HeatmapQuestion[]): Heatmap[] {
    const { heatmaps, classes, mapShape } = this.program
    const [height, width] = mapShape
    const chosen = new Float32Array(questions.length * classes)
    questions.forEach(({ classIndex }, row) => (chosen[row * classes + classIndex] = 1))
    const feeds = new Map<string, Feed>([
      [HEATMAP_FEEDS.maps, maps],
      [HEATMAP_FEEDS.pictures, { shape: [questions.length], data: Int32Array.from(questions, ({ picture }) => picture) }],
      [HEATMAP_FEEDS.classes, { shape: [questions.length, classes], data: chosen }],
    ])
    const [result] = this.session.run(feeds, heatmaps.fetches)
    if (result === undefined) throw new Error('The graph gave no result')
    const all = this.session.read(result)
    return questions.map((_, row) => normalised(all.slice(row * height * width, (row + 1) * height * width), height, width))
  }
}

function normalised(values: Float32Array, height: number, width: number): Heatmap {
  const peak = values.reduce((largest, value) => Math.max(largest, value), 0)
  return { height, width, values: peak > 0 ? values.map((value) => value / peak) : values, peak }
}
