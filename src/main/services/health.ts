/** What is wrong with a dataset's pictures, and what a person decides about it. The files of the pictures never change. */
import type { Manifest, Picture } from '../../shared/domain/dataset'
import { GraftError } from '../../shared/domain/error'
import type { Fixed, FixRequest } from '../../shared/domain/fix'
import { decisionsInForce, journalOf } from '../../shared/domain/fix-journal'
import type { Decision, Journal, JournalLine } from '../../shared/domain/fix-journal'
import type { HealthItem, HealthKind, HealthReport } from '../../shared/domain/health'
import { curated } from '../dataset/curation'
import { healthFindings } from '../dataset/health-report'
import type { FindingWithItems } from '../dataset/health-report'
import type { FixJournals, ReadJournal } from '../storage/fix-journals'
import type { DatasetAnalyses } from './dataset-analysis'
import type { DatasetsService, OpenDataset } from './datasets'
import { progressStream } from './progress-stream'
import type { ProgressStream } from './progress-stream'

export interface ItemPage {
  datasetId: string
  kind: HealthKind
  offset?: number
  limit?: number
}

export class HealthService {
  /** A manifest is made anew with every decision. */
  private readonly told = new WeakMap<Manifest, FindingWithItems[]>()
  private queue: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly datasets: DatasetsService,
    private readonly care: { analyses: DatasetAnalyses; journals: FixJournals },
  ) {}

  /** Looks at every picture once; what was looked at before comes from the cache. */
  report({ datasetId }: { datasetId: string }, signal?: AbortSignal): ProgressStream<HealthReport> {
    return progressStream(async (report, inner) => {
      await this.datasets.lookAt(datasetId, report, inner)
      return this.reportOf(this.datasets.find(datasetId)) ?? neverLookedAt()
    }, signal)
  }

  /** The pictures of a finding, those together that belong together. @throws GraftError CONFLICT before the report is there */
  async items({ datasetId, kind, offset = 0, limit = 100 }: ItemPage): Promise<{ total: number; items: HealthItem[] }> {
    const dataset = this.datasets.find(datasetId)
    const items = this.itemsOf(dataset, kind)
    const splitOf = new Map(dataset.manifest.pictures.map(({ path, split }) => [path, split]))
    const shown = ({ path, classIndex, width, height, sizeBytes }: Picture) => ({ path, classIndex, width, height, sizeBytes, split: splitOf.get(path) ?? null })
    return { total: items.length, items: items.slice(offset, offset + limit).map((item) => ({ pictures: item.map(shown) })) }
  }

  async journal({ datasetId }: { datasetId: string }): Promise<Journal> {
    const { state, damagedLines } = await this.care.journals.read(this.datasets.find(datasetId).id)
    return journalOf(state, damagedLines)
  }

  /** @throws GraftError BAD_INPUT where too little would be left of a class, or a picture is unknown; then nothing is decided */
  fix({ datasetId, fix }: { datasetId: string; fix: FixRequest }): Promise<Fixed> {
    return this.inTurn(async () => {
      if (fix.kind !== 'exclude' && fix.kind !== 'move' && fix.kind !== 'keep') await this.datasets.lookAt(datasetId)
      const dataset = this.datasets.find(datasetId)
      const before = await this.care.journals.read(dataset.id)
      const decision = this.decisionFor(dataset, fix, nextId(before))
      // Tried before it is written: what cannot be split is not decided.
      this.datasets.recurate(dataset, { ...dataset.curation, decisions: [...decisionsInForce(before.state), decision] })
      return this.write(dataset, decision, before)
    })
  }

  /**
   * A decision about pictures that are known by their hashes, of a folder that need not be open here; where it is, its split follows.
   * @throws GraftError BAD_INPUT where too little would be left of a class; then nothing is decided
   */
  decide(datasetId: string, make: (id: number) => Decision): Promise<void> {
    return this.inTurn(async () => {
      const before = await this.care.journals.read(datasetId)
      const decision = make(nextId(before))
      await this.append(datasetId, decision, [...decisionsInForce(before.state), decision], before)
    })
  }

  /** The same as undo and redo, of a folder that need not be open here. @throws GraftError CONFLICT where there is nothing */
  turn(datasetId: string, kind: 'undo' | 'redo'): Promise<void> {
    return this.inTurn(async () => {
      const before = await this.care.journals.read(datasetId)
      const { line, decisions } = turned(before, kind)
      await this.append(datasetId, line, decisions, before)
    })
  }

  private async append(datasetId: string, line: JournalLine, decisions: readonly Decision[], before: ReadJournal): Promise<void> {
    if (!this.datasets.isOpen(datasetId)) {
      await this.care.journals.append(datasetId, line)
      return
    }
    const dataset = this.datasets.find(datasetId)
    this.datasets.recurate(dataset, { ...dataset.curation, decisions })
    await this.write(dataset, line, before)
  }

  undo({ datasetId }: { datasetId: string }): Promise<Fixed> {
    return this.step(datasetId, 'undo')
  }

  redo({ datasetId }: { datasetId: string }): Promise<Fixed> {
    return this.step(datasetId, 'redo')
  }

  private step(datasetId: string, kind: 'undo' | 'redo'): Promise<Fixed> {
    return this.inTurn(async () => {
      const dataset = this.datasets.find(datasetId)
      const before = await this.care.journals.read(dataset.id)
      const { line, decisions } = turned(before, kind)
      this.datasets.recurate(dataset, { ...dataset.curation, decisions })
      return this.write(dataset, line, before)
    })
  }

  /** The dataset is curated already; where the line cannot be written, it is brought back. */
  private async write(dataset: OpenDataset, line: JournalLine, before: ReadJournal): Promise<Fixed> {
    try {
      const { state, damagedLines } = await this.care.journals.append(dataset.id, line)
      return { summary: await this.datasets.get({ datasetId: dataset.id }), journal: journalOf(state, damagedLines), health: this.reportOf(dataset) }
    } catch (error) {
      this.datasets.recurate(dataset, { ...dataset.curation, decisions: decisionsInForce(before.state) })
      throw error
    }
  }

  private decisionFor(dataset: OpenDataset, fix: FixRequest, id: number): Decision {
    const common = { id, at: new Date().toISOString(), finding: fix.finding }
    const decided = (paths: Iterable<string>): Decision['pictures'] => {
      const hashes = new Map(dataset.scan.pictures.map(({ path, sha256 }) => [path, sha256]))
      const pictures = [...new Set(paths)].map((path) => {
        const sha256 = hashes.get(path)
        if (sha256 === undefined) throw new GraftError('NOT_FOUND', `There is no picture ${path} in this dataset.`, { action: 'Write its path below the folder, with forward slashes.' })
        return { path, sha256 }
      })
      if (pictures.length === 0) throw new GraftError('CONFLICT', 'There is nothing left to decide about.', { action: 'Look at the findings again.' })
      return pictures
    }
    switch (fix.kind) {
      case 'exclude':
        return { ...common, kind: 'exclude', pictures: decided(fix.paths), ...(fix.keeping === undefined ? {} : { keeping: fix.keeping }) }
      case 'exclude-all':
        return { ...common, kind: 'exclude', pictures: decided(pathsOf(this.itemsOf(dataset, fix.finding))) }
      case 'keep-largest': {
        const items = withAny(this.itemsOf(dataset, fix.finding), fix.paths)
        // Items have their largest picture first.
        return { ...common, kind: 'exclude', pictures: decided(pathsOf(items.map((item) => item.slice(1)))), keeping: pathsOf(items.map((item) => item.slice(0, 1))) }
      }
      case 'fine':
        return { ...common, kind: 'fine', pictures: decided(pathsOf(withAny(this.itemsOf(dataset, fix.finding), fix.paths))) }
      case 'keep':
        return { ...common, kind: 'fine', pictures: decided(fix.paths) }
      case 'move': {
        if (!dataset.scan.classes.includes(fix.toClass)) {
          throw new GraftError('BAD_INPUT', `There is no class "${fix.toClass}".`, { action: `Choose one of ${dataset.scan.classes.slice(0, 20).join(', ')}.` })
        }
        return { ...common, kind: 'move', pictures: decided(fix.paths), toClass: fix.toClass }
      }
    }
  }

  private itemsOf(dataset: OpenDataset, kind: HealthKind): FindingWithItems['items'] {
    const findings = this.findingsOf(dataset)
    if (findings === null) throw new GraftError('CONFLICT', 'The pictures have not been looked at yet.', { action: 'Ask for the health of the dataset first.' })
    return findings.find(({ finding }) => finding.kind === kind)?.items ?? []
  }

  private findingsOf({ scan, manifest, curation }: OpenDataset): FindingWithItems[] | null {
    const before = this.told.get(manifest)
    if (before !== undefined) return before
    const analysis = this.care.analyses.known(scan)
    if (analysis === null) return null
    const findings = healthFindings({ scan, manifest, curated: curated(scan, curation.decisions), ...analysis })
    this.told.set(manifest, findings)
    return findings
  }

  private reportOf(dataset: OpenDataset): HealthReport | null {
    const findings = this.findingsOf(dataset)
    const analysis = this.care.analyses.known(dataset.scan)
    if (findings === null || analysis === null) return null
    const { pictures } = dataset.manifest
    const measured = pictures.filter(({ sha256 }) => analysis.measurements.has(sha256)).length
    const grouped = pictures.flatMap(({ group }) => group ?? [])
    return {
      datasetId: dataset.id,
      measured,
      unmeasured: pictures.length - measured,
      groups: new Set(grouped).size,
      groupedPictures: grouped.length,
      durationMs: analysis.durationMs,
      findings: findings.map(({ finding }) => finding),
    }
  }

  /** Decisions of this process are made one after the other, each on what the one before left. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.queue.then(work, work)
    this.queue = turn.catch(() => undefined)
    return turn
  }
}

const NOTHING = { undo: 'There is no decision to take back.', redo: 'No decision was taken back since the last one.' } as const

/** The line that takes the last decision back or makes it again, and what is in force then. @throws GraftError CONFLICT */
function turned({ state }: ReadJournal, kind: 'undo' | 'redo'): { line: JournalLine; decisions: Decision[] } {
  const of = state[kind]
  if (of === null) throw new GraftError('CONFLICT', NOTHING[kind], { action: 'The list of decisions shows what there is.' })
  const decisions = state.decisions.flatMap(({ decision, isApplied }) => ((decision.id === of ? kind === 'redo' : isApplied) ? [decision] : []))
  return { line: { kind, of, at: new Date().toISOString() }, decisions }
}

const nextId = ({ state }: ReadJournal): number => 1 + Math.max(0, ...state.decisions.map(({ decision }) => decision.id))

function pathsOf(items: readonly (readonly Picture[])[]): string[] {
  return items.flat().map(({ path }) => path)
}

function withAny(items: FindingWithItems['items'], paths: readonly string[] | null): FindingWithItems['items'] {
  if (paths === null) return items
  const wanted = new Set(paths)
  return items.filter((item) => item.some(({ path }) => wanted.has(path)))
}

function neverLookedAt(): never {
  throw new Error('The dataset was looked at, but nothing is known of it')
}
