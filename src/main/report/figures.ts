/** The table of a run's figures: what each is drawn from, and its numbers as CSV. */
import type { TopLevelSpec } from 'vega-lite'
import { toCsv } from '../../shared/domain/csv'
import { GraftError } from '../../shared/domain/error'
import type { FigureFormat, FigureName } from '../../shared/domain/figure'
import type { EpochRecord, Evaluation } from '../../shared/domain/metrics'
import { shown } from '../../shared/domain/shown'
import { calibrationCsv, confusionCsv } from '../storage/evaluation-files'
import { calibrationSpec } from './calibration-figure'
import { confusionSpec } from './confusion'
import { curvesRows, curvesSpec } from './curves'
import { drawSvg, toPng, withOutlines } from './draw'
import { type Palette, PRINT } from './palette'
import { measuredOn, percent } from './words'

/** What a figure may be drawn from. */
export interface FigureContent {
  readonly run: { readonly name: string; readonly backbone: string; readonly bestEpoch: number | null; readonly monitor: string }
  readonly epochs: readonly EpochRecord[]
  /** Needed by all but the training history. */
  readonly evaluation: Evaluation | null
}

interface Figure {
  spec(content: FigureContent, palette: Palette): TopLevelSpec
  csv(content: FigureContent): string
}

function evaluationOf({ evaluation }: FigureContent): Evaluation {
  if (evaluation !== null) return evaluation
  throw new GraftError('NOT_FOUND', 'The run has not been measured on these pictures yet.', { action: 'Evaluate it first.' })
}

function confusion(isNormalized: boolean): Figure {
  return {
    spec(content, palette) {
      const evaluation = evaluationOf(content)
      const { classes, report } = evaluation
      return confusionSpec(
        {
          title: isNormalized ? 'Confusion matrix, normalised' : 'Confusion matrix',
          subtitle: `${measuredOn(evaluation)} · accuracy ${percent(report.accuracy)}`,
          classes: classes.map(shown),
          matrix: report.confusion_matrix,
          isNormalized,
        },
        palette,
      )
    },
    csv: (content) => confusionCsv(evaluationOf(content), isNormalized),
  }
}

const TABLE: Readonly<Record<FigureName, Figure>> = {
  training_history: {
    spec({ run, epochs }, palette) {
      requireEpochs(epochs)
      const best = run.bestEpoch === null ? '' : ` · best epoch ${run.bestEpoch}, ringed`
      return curvesSpec({ title: shown(run.name), subtitle: `${shown(run.backbone)}${best}`, epochs, bestEpoch: run.bestEpoch, monitor: run.monitor }, palette)
    },
    csv({ epochs }) {
      requireEpochs(epochs)
      return toCsv(curvesRows(epochs))
    },
  },
  confusion_matrix: confusion(false),
  confusion_matrix_normalized: confusion(true),
  calibration: {
    spec(content, palette) {
      const evaluation = evaluationOf(content)
      return calibrationSpec({ title: 'Calibration', subtitle: measuredOn(evaluation), calibration: requireCalibration(evaluation) }, palette)
    },
    csv(content) {
      requireCalibration(evaluationOf(content))
      return calibrationCsv(evaluationOf(content))
    },
  },
}

function requireEpochs(epochs: readonly EpochRecord[]): void {
  if (epochs.length === 0) throw new GraftError('NOT_FOUND', 'The run has no training history to draw.', { action: 'A model that was imported has none.' })
}

function requireCalibration({ report }: Evaluation) {
  if (report.calibration !== undefined) return report.calibration
  throw new GraftError('NOT_FOUND', 'The evaluation is of an older version, which did not tell of calibration.', { action: 'Evaluate the run again.' })
}

/** With its texts as text, for a page. */
export function drawFigure(name: FigureName, content: FigureContent, palette: Palette): Promise<string> {
  return drawSvg(TABLE[name].spec(content, palette), palette)
}

/** As the bytes of a file: pictures on white, their texts as outlines. */
export async function figureBytes(name: FigureName, content: FigureContent, format: FigureFormat): Promise<Buffer> {
  if (format === 'csv') return Buffer.from(TABLE[name].csv(content))
  const svg = withOutlines(await drawFigure(name, content, PRINT))
  return format === 'svg' ? Buffer.from(svg) : toPng(svg)
}
