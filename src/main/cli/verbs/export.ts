/** graft export RUN --to DIR [--format onnx] */
import { Option } from 'commander'
import { resolve } from 'node:path'
import { GraftError } from '../../../shared/domain/error'
import { EXPORT_FORMATS, EXPORT_PRECISIONS, type ExportFormat, exportOptionsSchema, type ExportPrecision, type ExportReport, requirePossibleExport } from '../../../shared/domain/export'
import type { CheckpointName } from '../../services/model-jobs'
import { parseNumber } from '../config-options'
import { formatBytes, formatPlural, formatSeconds, formatShare } from '../format'
import { runTrainerJob } from '../job'
import type { Verb } from '../program'
import { findModel } from '../sources'
import { tableLines } from '../table'
import { type Terminal, writeLine } from '../terminal'

interface ExportFlags {
  to: string
  checkpoint: CheckpointName
  format: ExportFormat
  precision: ExportPrecision
  preprocessingInside?: boolean
  acceptDrop?: number
  json?: boolean
}

export const exportVerb: Verb = {
  name: 'export',
  define(command, { terminal }) {
    command
      .description('Write a folder that works without Graft: the model, labels, preprocessing, metrics, a model card, an example; checked on pictures')
      .argument('<run>', "the id, name or folder of a run, or one of its checkpoints' folders")
      .requiredOption('--to <folder>', 'a new or empty folder')
      .addOption(new Option('--format <format>', 'what the model is written as').choices(EXPORT_FORMATS).default('saved_model'))
      .addOption(new Option('--precision <precision>', 'how the weights are kept: float16 is half the size, int8 a quarter').choices(EXPORT_PRECISIONS).default('float32'))
      .option('--preprocessing-inside', 'resizing and normalising become part of the model, which takes pictures of any size (onnx)')
      .addOption(new Option('--accept-drop <share>', 'for int8: the loss of accuracy that is agreed to, for example 0.02').argParser(parseDrop))
      .addOption(new Option('--checkpoint <name>', 'which checkpoint of the run').choices(['best', 'latest']).default('best'))
      .option('--json', 'The report as one object on stdout and nothing else')
      .action(async (reference: string, flags: ExportFlags) => {
        const options = exportOptionsSchema.parse({
          format: flags.format,
          precision: flags.precision,
          preprocessing_inside: flags.preprocessingInside === true,
          accepted_accuracy_drop: flags.acceptDrop ?? null,
        })
        requirePossibleExport(options)
        const { source } = await findModel(reference, terminal.workingDirectory, flags.checkpoint)
        if (source.kind === 'export') {
          throw new GraftError('BAD_INPUT', `A run was expected, but ${source.directory} is an export already.`, { action: 'Give a run; graft runs lists them.' })
        }
        const directory = resolve(terminal.workingDirectory, flags.to)
        const job = { kind: 'export', runDirectory: source.directory, checkpoint: source.checkpoint, directory, options } as const
        const report = await runTrainerJob(terminal, job, { quiet: flags.json === true })
        if (flags.json === true) writeLine(terminal.stdout, JSON.stringify(report))
        else writeReport(terminal, report)
      })
  },
}

function parseDrop(text: string): number {
  const value = parseNumber(text)
  if (value === undefined || value < 0 || value > 1) {
    throw new GraftError('BAD_INPUT', `--accept-drop expects a share from 0 to 1, but "${text}" came.`, { action: 'For example --accept-drop 0.02, which is two points.' })
  }
  return value
}

const SPLIT_NAMES = { train: 'training', val: 'val', test: 'test' } as const

function writeReport(terminal: Terminal, report: ExportReport): void {
  const write = (text: string) => writeLine(terminal.stdout, text)
  const { parity, options } = report
  write(`Exported the ${report.checkpoint} checkpoint to ${report.directory} as ${options.format}, ${options.precision}, in ${formatSeconds(report.seconds)}`)
  const rows = report.files.map((file) => [`  ${file.name}`, formatBytes(file.sizeBytes), file.what])
  for (const line of tableLines([{ title: '  file' }, { title: 'size', align: 'right' }, { title: 'what' }], rows)) write(line)
  const allowed = parity.bound === null ? 'held to its accuracy' : `allowed ${parity.bound}`
  const splits = parity.splits.map((split) => SPLIT_NAMES[split]).join(' and ')
  write(
    `Read back and run on ${formatPlural(parity.pictures, `${splits} picture`)}: same class for ${formatShare(parity.agreement)}, ` +
      `largest difference of a probability ${parity.largestDifference.toExponential(1)} (${allowed}).` +
      (parity.ties === 0 ? '' : ` ${formatPlural(parity.ties, 'picture')} ${parity.ties === 1 ? 'is a tie' : 'are ties'} that rounding decides.`),
  )
  const beside = (title: string, original: string, exported: string) => `${title} ${exported} (original ${original})`
  write(
    [
      beside('Accuracy on them', formatShare(parity.accuracy.original), formatShare(parity.accuracy.exported)),
      beside('model', formatBytes(parity.sizeBytes.original), formatBytes(parity.sizeBytes.exported)),
      beside('a picture takes', `${parity.millisecondsPerPicture.original.toFixed(1)} ms`, `${parity.millisecondsPerPicture.exported.toFixed(1)} ms`),
    ].join(', '),
  )
}
