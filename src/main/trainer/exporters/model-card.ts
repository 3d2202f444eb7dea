/** The model card (Mitchell et al. 2019): what the model is, what it learned from, how good it is and how sure that is. */
import type { Manifest, Split } from '../../../shared/domain/dataset'
import { EXPORT_FORMAT_CARDS, type ExportOptions, type ExportParity } from '../../../shared/domain/export'
import type { Evaluation } from '../../../shared/domain/metrics'
import type { RunRecord } from '../../../shared/domain/run'
import type { ChosenThresholds } from '../../../shared/domain/thresholds'
import { resolvedViews, type RunConfig } from '../../../shared/domain/run-config'
import { type PlannedStage, plannedStages } from '../../../shared/domain/stages'
import { count, literal, megabytes, percent, plural, range, settings, table } from './card-words'
import type { ExportedModel } from './exporter'
import { IMPORTED_LIMITS, importedData, importedHeading, importedRecipe } from './imported-card'
import { bootstrapIntervals, type Interval, wilsonInterval } from '../../engine/train/uncertainty'
import { thresholdsSection } from './thresholds-card'
import { LICENCE_FILE, type WeightsLicence } from './weights-licence'

export interface MeasuredFigures {
  readonly accuracy: Interval
  /** Null where no picture, or every one, was named right: then nothing tells how far it may move. */
  readonly macroF1: Interval | null
  /** By class. */
  readonly recall: readonly Interval[]
  readonly method: string
}

/** The 95 % intervals of an evaluation's figures. */
export function measureUncertainty(evaluation: Evaluation, seed: number): MeasuredFigures {
  const { report, predictions, classes } = evaluation
  const bootstrap = bootstrapIntervals(predictions, classes.length, seed)
  const hits = predictions.filter(({ truth, prediction }) => truth === prediction).length
  return {
    accuracy: bootstrap?.accuracy ?? wilsonInterval(hits, predictions.length),
    macroF1: bootstrap?.macroF1 ?? null,
    recall: report.classes.map((_, c) => wilsonInterval(report.confusion_matrix[c]?.[c] ?? 0, report.classes[c]?.support ?? 0)),
    method: bootstrap === null ? 'Wilson' : 'percentile bootstrap over the pictures, 2,000 draws; recall: Wilson',
  }
}

export interface CardContent {
  readonly model: ExportedModel
  readonly record: RunRecord
  readonly config: RunConfig
  readonly manifest: Manifest
  readonly evaluation: Evaluation
  readonly figures: MeasuredFigures
  readonly options: ExportOptions
  readonly parity: ExportParity
  readonly licence: WeightsLicence
  readonly exampleFile: string
  /** What the import of a model that another program trained told; empty for others. */
  readonly importNotes: readonly string[]
  /** What a person chose for some of its classes; null: the likeliest class is the answer. */
  readonly thresholds?: ChosenThresholds | null
}

const SPLIT_NAMES: Readonly<Record<Split, string>> = { train: 'training', val: 'validation', test: 'test' }
/** Below so many pictures a figure is called uncertain in words. */
const FEW_PICTURES = 300
const FEW_OF_A_CLASS = 30
const CONFUSIONS = 5

const isImported = ({ record }: Pick<CardContent, 'record'>) => record.origin === 'imported'

/** `4 validation pictures`; the pictures of an imported model are of no split that it knows of. */
const picturesOf = (content: CardContent, pictures: number, splits: readonly Split[]) =>
  plural(pictures, isImported(content) ? 'picture' : `${splits.map((split) => SPLIT_NAMES[split]).join(' and ')} picture`)

export function modelCard(content: CardContent): string {
  const [heading, data, recipe] = isImported(content) ? [importedHeading, importedData, importedRecipe] : [trainedHeading, trainedData, trainedRecipe]
  const decisions = () => thresholdsSection(content.thresholds ?? null, content.evaluation)
  return `${[heading, purpose, data, recipe, metrics, decisions, limits, checked, licence].map((section) => section(content)).filter((text) => text !== '').join('\n\n')}\n`
}

function trainedHeading({ record, model, evaluation }: CardContent): string {
  const { state, backbone } = model
  return [
    `# ${literal(record.name)}`,
    `A classifier of pictures: ${backbone.title} trained to tell ${plural(state.num_classes, 'class', 'classes')} apart. ` +
      `Right for ${percent(evaluation.report.accuracy)} of ${plural(evaluation.report.count, `${SPLIT_NAMES[evaluation.split]} picture`)}.`,
  ].join('\n\n')
}

function purpose({ model, options, exampleFile }: CardContent): string {
  const { state } = model
  const shown = state.classes.slice(0, 20).map(literal).join(', ')
  const more = state.classes.length > 20 ? ` and ${count(state.classes.length - 20)} more (labels.txt has all)` : ''
  const input = options.preprocessing_inside
    ? 'It takes RGB pictures of any size as whole numbers from 0 to 255; resizing and normalising are part of the model.'
    : `A picture is turned upright (EXIF), resized to ${state.image_size} × ${state.image_size} without keeping its aspect (bilinear, antialiased), and given as preprocessing.json says.`
  return [
    '## What it is for',
    `It gives each picture a probability for every one of its classes: ${shown}${more}. The probabilities sum to one.`,
    `${input} ${exampleFile} shows the whole way from a picture file to the answer.`,
    `This folder holds it as ${EXPORT_FORMAT_CARDS[options.format].title}, weights as ${options.precision}.`,
  ].join('\n\n')
}

function trainedData({ record, manifest }: CardContent): string {
  const splits = (['train', 'val', 'test'] as const).filter((split) => manifest.pictures.some((entry) => entry.split === split))
  const counts = new Map<string, number>()
  for (const { classIndex, split } of manifest.pictures) counts.set(`${classIndex} ${split}`, (counts.get(`${classIndex} ${split}`) ?? 0) + 1)
  const row = (label: string, of: (split: Split) => number) => [label, ...splits.map((split) => count(of(split))), count(splits.reduce((sum, split) => sum + of(split), 0))]
  const rows = manifest.classes.map((label, c) => row(literal(label), (split) => counts.get(`${c} ${split}`) ?? 0))
  const total = row('all', (split) => manifest.pictures.filter((entry) => entry.split === split).length)
  const aside = manifest.setAside.length
  return [
    '## Data',
    `The dataset “${literal(record.dataset_name)}”. The model learned from the training pictures; the validation pictures chose its best epoch${splits.includes('test') ? '; the test pictures were kept away from both' : ''}.`,
    table(['class', ...splits.map((split) => SPLIT_NAMES[split]), 'all'], [...rows, total]),
    aside === 0 ? 'Every picture could be read.' : `${plural(aside, 'picture')} could not be read and ${aside === 1 ? 'was' : 'were'} set aside.`,
  ].join('\n\n')
}

function trainedRecipe({ model, config, record, licence }: CardContent): string {
  const { state, backbone } = model
  const isStaged = config.stages.length > 0
  const [only] = plannedStages(config)
  const optimizer = [
    config.optimizer,
    ...(isStaged ? [] : [rateWords(config)]),
    `weight decay ${config.weight_decay}`,
    ...(config.optimizer === 'sgd' ? [`momentum ${config.momentum}`] : []),
  ]
  return [
    '## Recipe',
    settings([
      ['backbone', `${backbone.title} (${backbone.paper})`],
      ['started from', literal(licence.start)],
      ['head', `${state.head}, dropout ${state.dropout}`],
      ...(isStaged || only === undefined ? [] : [['frozen', `${frozenWords(only)}: ${plural(state.frozen_layers, 'layer')}`] satisfies [string, string]]),
      ['picture size', `${state.image_size} pixels a side`],
      ['epochs', `${record.epochs_done} of ${record.epochs_planned}; this is epoch ${state.epoch}, ${config.monitor} decides which is best`],
      ['batch size', String(record.resolved['batch_size'] ?? config.batch_size)],
      ['optimizer', optimizer.join(', ')],
      ...(isStaged ? plannedStages(config).map(stageRow) : [['schedule', config.scheduler] satisfies [string, string]]),
      ['label smoothing', String(config.label_smoothing)],
      ['augmentation', config.augment ? `on, ${plural(resolvedViews(config), 'view')} of each picture` : 'off'],
      ['seed', String(config.seed)],
    ]),
    'The run’s own folder has the rest: config.yaml, and manifest.json with the split of every picture.',
  ].join('\n\n')
}

function stageRow(stage: PlannedStage): [string, string] {
  return [`stage ${stage.index}, ${literal(stage.name)}`, `${plural(stage.epochs, 'epoch')} planned; frozen: ${frozenWords(stage)}; ${rateWords(stage)}; schedule ${stage.scheduler}`]
}

function rateWords({ learning_rate: rate, backbone_learning_rate: backboneRate }: Pick<PlannedStage, 'learning_rate' | 'backbone_learning_rate'>): string {
  return backboneRate === null ? `learning rate ${rate}` : `learning rate ${rate}, of the backbone ${backboneRate}`
}

function frozenWords({ freeze, freeze_ratio: ratio }: Pick<PlannedStage, 'freeze' | 'freeze_ratio'>): string {
  if (Array.isArray(freeze)) return freeze.map(literal).join(', ')
  switch (freeze) {
    case 'all':
      return 'the whole backbone'
    case 'none':
      return 'nothing'
    case 'stage':
      return 'the early stages'
    case 'ratio':
      return `${percent(ratio)} of the backbone`
  }
}

function metrics(content: CardContent): string {
  const { evaluation, figures } = content
  const { report, classes, split } = evaluation
  const rows = report.classes.map((row, c) => [
    literal(row.name),
    row.precision.toFixed(4),
    row.recall.toFixed(4),
    range(figures.recall[c] ?? { low: 0, high: 1 }),
    row.f1.toFixed(4),
    count(row.support),
  ])
  const confusions = report.confusion_matrix
    .flatMap((row, truth) => row.map((pictures, prediction) => ({ truth, prediction, pictures })))
    .filter(({ truth, prediction, pictures }) => truth !== prediction && pictures > 0)
    .sort((a, b) => b.pictures - a.pictures)
  const name = (index: number) => literal(classes[index] ?? String(index))
  const worst = confusions
    .slice(0, CONFUSIONS)
    .map(({ truth, prediction, pictures }) => `- ${name(truth)} taken for ${name(prediction)}: ${count(pictures)} of ${count(report.classes[truth]?.support ?? 0)}`)
  return [
    '## Metrics',
    `Measured on ${isImported(content) ? '' : 'the '}${picturesOf(content, report.count, [split])}. The ranges are 95 % intervals (${figures.method}): where the figure would be likely to lie on many more pictures of the same kind.`,
    table(
      ['', 'value', '95 % interval'],
      [
        ['accuracy', report.accuracy.toFixed(4), range(figures.accuracy)],
        ['macro F1', report.macro.f1.toFixed(4), figures.macroF1 === null ? 'cannot be told' : range(figures.macroF1)],
        ['loss (cross-entropy)', report.loss.toFixed(4), ''],
      ],
    ),
    table(['class', 'precision', 'recall', 'recall, 95 %', 'F1', 'pictures'], rows),
    worst.length === 0 ? 'No picture was taken for another class.' : `What is confused most:\n\n${worst.join('\n')}`,
  ].join('\n\n')
}

const TRAINED_LIMITS: readonly string[] = [
  'It has seen pictures of this dataset alone. From another camera, place, season or distance it may be worse, and nothing here says by how much.',
  'The probabilities were not calibrated: 0.9 does not promise nine right answers out of ten.',
]

function limits(content: CardContent): string {
  const { evaluation, figures, model, parity, options } = content
  const { report, split } = evaluation
  const few = report.classes.filter(({ support }) => support < FEW_OF_A_CLASS)
  const named = few.slice(0, CONFUSIONS).map(({ name, support }) => `${literal(name)} (${count(support)})`)
  const drop = parity.accuracy.original - parity.accuracy.exported
  const lines = [
    `It names one of its ${plural(model.state.num_classes, 'class', 'classes')} for every picture, also for one that shows none of them.`,
    ...(isImported(content) ? IMPORTED_LIMITS : TRAINED_LIMITS),
    ...(report.count < FEW_PICTURES
      ? [`The figures rest on ${plural(report.count, 'picture')}, which is few: the accuracy may as well lie anywhere from ${range(figures.accuracy)}.`]
      : []),
    ...(few.length > 0 ? [`Of some classes there were fewer than ${FEW_OF_A_CLASS} pictures to measure with: ${named.join(', ')}${few.length > CONFUSIONS ? ' and others' : ''}. Their figures say little.`] : []),
    ...(split === 'val' && !isImported(content) ? ['There was no test split. The pictures it is measured on also chose the best epoch, which flatters the figures a little.'] : []),
    ...(options.precision === 'int8' && drop > 0 ? [`As int8 it is right for ${percent(drop)} fewer of the pictures than the figures above, which are the original’s.`] : []),
  ]
  return ['## Limits', lines.map((line) => `- ${line}`).join('\n')].join('\n\n')
}

function checked(content: CardContent): string {
  const { parity } = content
  const ties = parity.ties === 0 ? '' : ` ${plural(parity.ties, 'picture')} ${parity.ties === 1 ? 'is a tie' : 'are ties'} that rounding decides.`
  const bound = parity.bound === null ? 'held to its accuracy' : `allowed: ${parity.bound}`
  return [
    '## How it was checked',
    `What lies in this folder was opened again (${parity.runtime}) and asked about ${picturesOf(content, parity.pictures, parity.splits)} beside the original.`,
    table(
      ['', 'original', 'this export'],
      [
        ['accuracy on them', percent(parity.accuracy.original), percent(parity.accuracy.exported)],
        ['size', megabytes(parity.sizeBytes.original), megabytes(parity.sizeBytes.exported)],
        ['a picture takes', `${parity.millisecondsPerPicture.original.toFixed(1)} ms`, `${parity.millisecondsPerPicture.exported.toFixed(1)} ms`],
      ],
    ),
    `The same class came first for ${percent(parity.agreement)}; the largest difference of a probability was ${parity.largestDifference.toExponential(1)} (${bound}).${ties} parity.json has it by class. ` +
      'An export that fails its bound is not written.',
  ].join('\n\n')
}

function licence({ licence: weights }: CardContent): string {
  return [
    '## Licence of the weights',
    weights.licence === null ? weights.meaning : `It was trained further from ${literal(weights.start)}, under ${weights.licence}. ${weights.meaning} The text is in ${LICENCE_FILE}.`,
    ...(weights.licence === null ? [] : ['ImageNet’s pictures were gathered for research. Whether that binds weights trained on them is not settled.']),
    'The pictures it was trained on, and what they show, have their own rights.',
  ].join('\n\n')
}
