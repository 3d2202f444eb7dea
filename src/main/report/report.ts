/** The report of a run: one HTML file that needs nothing beside it and asks nobody for anything. */
import { type Finding, FINDING_TITLES } from '../../shared/domain/advice'
import { type Split, SPLITS } from '../../shared/domain/dataset'
import type { FigureName } from '../../shared/domain/figure'
import type { Evaluation } from '../../shared/domain/metrics'
import type { RunConfig } from '../../shared/domain/run-config'
import { type PlannedStage, plannedStages } from '../../shared/domain/stages'
import { drawFigure, type FigureContent } from './figures'
import { html, Html, name } from './html'
import { PAGE } from './palette'
import type { ReportContent } from './report-content'
import { calibrationText, classTable, headline, methodNote, mistakesSection } from './report-results'
import { STYLE } from './report-style'
import { count, duration, percent, plural, SPLIT_WORDS } from './words'

/** Nothing may be loaded, and nothing run: whatever a name in it says. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

const LABELS: Readonly<Record<FigureName, string>> = {
  training_history: 'Training curves',
  confusion_matrix: 'Confusion matrix: rows are the truth, columns the prediction',
  confusion_matrix_normalized: 'Confusion matrix, each row divided by its sum',
  calibration: 'Reliability diagram',
}

/** A page holds several figures, whose definitions must not share names. */
async function figure(key: FigureName, content: FigureContent): Promise<Html> {
  const svg = (await drawFigure(key, content, PAGE)).replace(/(\bid="|url\(#|href="#)/g, `$1${key}-`)
  return html`<figure role="img" aria-label="${LABELS[key]}">${new Html(svg)}</figure>`
}

function pairs(rows: readonly (readonly [string, Html | string | number])[]): Html {
  return html`<table class="pairs"><tbody>${rows.map(([key, value]) => html`<tr><td>${key}</td><td>${value}</td></tr>`)}</tbody></table>`
}

function advice(findings: readonly Finding[]): Html {
  return html`${findings.map(
    ({ kind, headline: said, tries }) => html`<div class="finding"><h3>${FINDING_TITLES[kind]}</h3><p>${said}</p>${tries.length > 0 && html`<p class="quiet">Worth a try: ${tries.join('; ')}.</p>`}</div>`,
  )}`
}

function dataSection({ record, manifest }: ReportContent): Html {
  const counts = manifest.classes.map(() => ({ train: 0, val: 0, test: 0 }))
  for (const { classIndex, split } of manifest.pictures) {
    const row = counts[classIndex]
    if (row !== undefined) row[split]++
  }
  const total = (split: Split) => counts.reduce((sum, row) => sum + row[split], 0)
  const splits = SPLITS.filter((split) => total(split) > 0)
  if (splits.length === 0) return html`<p>The model came without pictures.</p>`
  return html`<p>${name(record.dataset_name)}: ${plural(manifest.pictures.length, 'picture')} of ${plural(manifest.classes.length, 'class', 'classes')}${manifest.setAside.length > 0 && `; ${plural(manifest.setAside.length, 'file')} set aside that cannot be used`}. Split with seed ${manifest.seed}.</p>
<div class="wide"><table><thead><tr><th scope="col">Class</th>${splits.map((split) => html`<th scope="col">${SPLIT_WORDS[split].replace(/^./, (letter) => letter.toUpperCase())}</th>`)}</tr></thead><tbody>${manifest.classes.map(
    (label, index) => html`<tr><th scope="row">${name(label)}</th>${splits.map((split) => html`<td>${count(counts[index]?.[split] ?? 0)}</td>`)}</tr>`,
  )}</tbody><tfoot><tr><th scope="row">All</th>${splits.map((split) => html`<td>${count(total(split))}</td>`)}</tr></tfoot></table></div>`
}

function settingsSection({ record, config, network, configText, epochs }: ReportContent): Html {
  const isImported = record.origin === 'imported'
  const isStaged = config.stages.length > 0
  const rows: (readonly [string, Html | string | number])[] = [
    ['Network', html`${name(record.backbone)}, head ${config.head}`],
    ...(network === null ? [] : ([['Parameters', parameterWords(network, isStaged)]] as const)),
    ['Image size', `${config.image_size} × ${config.image_size}`],
    ...(isImported
      ? []
      : ([
          ['Optimizer', `${config.optimizer}${isStaged ? '' : `, learning rate ${config.learning_rate}`}, weight decay ${config.weight_decay}, batches of ${record.resolved['batch_size'] ?? config.batch_size}`],
          ...(isStaged ? stageRows(config) : ([['Schedule', config.scheduler]] as const)),
          ['Best epoch by', `${record.monitor.replaceAll('_', ' ')}${record.best_epoch === null ? '' : `: epoch ${record.best_epoch} of ${epochs.length}`}`],
          ['Seed', config.seed],
          ['Trained on', `${name(record.device ?? 'not known')}, in ${duration(record.total_s)}`],
        ] as const)),
  ]
  return html`${pairs(rows)}<details><summary>Every setting</summary><pre>${configText}</pre></details>`
}

function parameterWords({ parameters, trainable, frozenLayers, layers }: NonNullable<ReportContent['network']>, isStaged: boolean): string {
  // How many train differs from stage to stage.
  return isStaged ? count(parameters) : `${count(parameters)}, of which ${count(trainable)} train; ${frozenLayers} of ${layers} layers keep their weights`
}

/** A row for each stage: what it freezes, how fast it learns, for how long. */
function stageRows(config: RunConfig): (readonly [string, Html])[] {
  return plannedStages(config).map((stage) => {
    const rates = stage.backbone_learning_rate === null ? `learning rate ${stage.learning_rate}` : `learning rate ${stage.learning_rate}, backbone ${stage.backbone_learning_rate}`
    return [`Stage ${stage.index}`, html`${name(stage.name)}: ${plural(stage.epochs, 'epoch')} planned, ${freezingWords(stage)}, ${rates}, schedule ${stage.scheduler}`] as const
  })
}

const FREEZING_WORDS = { all: 'the backbone frozen', none: 'nothing frozen', stage: 'the early stages frozen' } as const

function freezingWords({ freeze, freeze_ratio }: Pick<PlannedStage, 'freeze' | 'freeze_ratio'>): string {
  if (Array.isArray(freeze)) return `${plural(freeze.length, 'named part')} frozen`
  return freeze === 'ratio' ? `freeze ratio ${freeze_ratio}` : FREEZING_WORDS[freeze]
}

async function resultsSection(evaluation: Evaluation, content: ReportContent, figures: FigureContent): Promise<Html> {
  const ofThis = { ...figures, evaluation }
  return html`<h2>Results by class</h2>${classTable(evaluation)}
<h2>Confusion matrix</h2><div class="side">${await figure('confusion_matrix', ofThis)}${await figure('confusion_matrix_normalized', ofThis)}</div>
${evaluation.report.calibration !== undefined && html`<h2>Calibration</h2>${calibrationText(evaluation)}${await figure('calibration', ofThis)}`}
<h2>Worst mistakes</h2>${mistakesSection(content)}`
}

/** @returns the text of the file */
export async function renderReport(content: ReportContent): Promise<string> {
  const { record, epochs, evaluations, findings, versions } = content
  const [main, ...others] = evaluations
  const figures: FigureContent = { run: { name: record.name, backbone: record.backbone, bestEpoch: record.best_epoch, monitor: record.monitor }, epochs, evaluation: main ?? null }
  const origin = record.origin === 'imported' ? 'Imported; trained by another program' : `Trained ${record.created_at.slice(0, 10)}`
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name(record.name)}: run report</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
<header><h1>${name(record.name)}</h1><p class="quiet">${origin} · ${name(record.dataset_name)} · ${name(record.backbone)} · ${plural(record.classes.length, 'class', 'classes')}</p></header>
${main === undefined ? html`<p>The model has not been measured: there are no pictures that can be read.</p>` : html`${headline(main)}${methodNote(main, record.origin === 'imported')}`}
${others.map(({ split, report }) => html`<p class="quiet">On the ${plural(report.count, `${SPLIT_WORDS[split]} picture`)}: accuracy ${percent(report.accuracy)}, macro-F1 ${percent(report.macro.f1)}, loss ${report.loss.toFixed(4)}.</p>`)}
${findings.length > 0 && html`<h2>What the numbers say</h2>${advice(findings)}`}
${epochs.length > 0 && html`<h2>How it learned</h2>${await figure('training_history', figures)}`}
${main !== undefined && (await resultsSection(main, content, figures))}
<h2>Data</h2>${dataSection(content)}
<h2>Settings</h2>${settingsSection(content)}
<footer>${versions.map(([program, version]) => `${program} ${version}`).join(' · ')} · run ${name(record.run_id)} · ${record.updated_at.slice(0, 16).replace('T', ' ')} UTC</footer>
</main>
</body>
</html>
`
  return page.text
}
