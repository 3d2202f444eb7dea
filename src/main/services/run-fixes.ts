/** Decisions about the pictures of a run, and training again with them. The journal is the dataset's; the run's own split stays. */
import { hash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Manifest, ManifestEntry, SetAside, Split } from '../../shared/domain/dataset'
import { GraftError } from '../../shared/domain/error'
import { type Decision, decisionsInForce, decisionTitle, type JournalState } from '../../shared/domain/fix-journal'
import { type FixedPicture, folderHindrance, type PictureFix, type RunFixes, type RunFolderState } from '../../shared/domain/fix-run'
import { countFixes, fixesSince, type FixesSince, fixTotal } from '../../shared/domain/fix-since'
import type { Evaluation } from '../../shared/domain/metrics'
import { hasModel, type RunRecord } from '../../shared/domain/run'
import { forEachInFlight } from '../dataset/cancellation'
import { fixedManifest, type FixedSplit } from '../dataset/fixed-manifest'
import { datasetIdOf, type FixJournals } from '../storage/fix-journals'
import type { RunFolder } from '../storage/run-folder'
import { systemCode, toReadError } from '../storage/storage-error'
import type { HealthService } from './health'
import { newRunRecord } from './new-run'
import type { RunsService } from './runs'

const MOST_NAMED = 200
const FILES_AT_ONCE = 64

interface FixableRun {
  readonly folder: RunFolder
  readonly record: RunRecord
  readonly manifest: Manifest
  readonly datasetId: string
}

export interface RetrainOptions {
  name: string | null
  /** The new run's own folder; null or left out: one below the runs folder. */
  directory?: string | null
}

interface SeenFolder {
  readonly state: RunFolderState
  readonly seal: string
}

export class RunFixesService {
  /** The run that was asked about last: a manifest of many pictures takes longer to read than a decision may. */
  private last: { key: string; run: FixableRun } | null = null
  /** As they were when last looked at, by run: looking asks the disk about every picture, which takes minutes on a slow one. */
  private readonly folders = new Map<string, SeenFolder>()
  private readonly looks = new Map<string, Promise<SeenFolder>>()

  constructor(
    private readonly runs: RunsService,
    private readonly health: HealthService,
    private readonly journals: FixJournals,
  ) {}

  async get({ runId }: { runId: string }): Promise<RunFixes> {
    const run = await this.run(runId)
    // One that is not the run's may have been put back; what decides looks at its own pictures, and training again at all of them.
    const known = this.folders.get(runId)
    if (known !== undefined && (known.state.kind !== 'same' || known.seal !== (await foldersSeal(run.manifest)))) this.folders.delete(runId)
    return this.standing(run)
  }

  /** @throws GraftError CONFLICT where the folder or a file is not what the run learned from; then nothing is decided */
  async fix({ runId, fix }: { runId: string; fix: PictureFix }): Promise<RunFixes> {
    const run = await this.run(runId)
    const { manifest } = run
    if (fix.kind === 'relabel' && !manifest.classes.includes(fix.toClass)) {
      throw new GraftError('BAD_INPUT', `The run has no class "${fix.toClass}".`, { action: `Choose one of ${manifest.classes.slice(0, 20).join(', ')}.` })
    }
    const entries = new Map(manifest.pictures.map((entry) => [entry.path, entry]))
    const meant = [...new Set(fix.paths)].map((path) => {
      const entry = entries.get(path)
      if (entry === undefined) throw new GraftError('NOT_FOUND', `The run has no picture ${path}.`, { action: 'Choose one of its own pictures.' })
      return entry
    })
    const pictures: { path: string; sha256: string }[] = []
    await forEachInFlight(meant, FILES_AT_ONCE, undefined, async (entry, i) => {
      pictures[i] = { path: entry.path, sha256: await requireUnchanged(manifest.root, entry, run.record.name) }
    }).catch((error: unknown) => {
      this.folders.delete(runId)
      throw error
    })
    const at = new Date().toISOString()
    await this.health.decide(run.datasetId, (id): Decision => {
      const common = { id, at, finding: null, pictures }
      if (fix.kind === 'exclude') return { ...common, kind: 'exclude' }
      if (fix.kind === 'relabel') return { ...common, kind: 'move', toClass: fix.toClass }
      return { ...common, kind: 'fine', pictures: pictures.map((picture, i) => ({ ...picture, asClass: manifest.classes[meant[i]?.classIndex ?? -1] ?? '' })) }
    })
    return this.standing(run)
  }

  undo({ runId }: { runId: string }): Promise<RunFixes> {
    return this.turn(runId, 'undo')
  }

  redo({ runId }: { runId: string }): Promise<RunFixes> {
    return this.turn(runId, 'redo')
  }

  /**
   * A new run from the best weights of this one, with its settings and its split, on its pictures as they are now.
   * @throws GraftError CONFLICT where there is nothing to train again, or the folder is not the run's; BAD_INPUT where a class has nothing left
   */
  async retrain({ runId, ...options }: { runId: string } & RetrainOptions): Promise<{ runId: string; directory: string }> {
    return this.retrainFolder(await this.runs.folder(runId), options)
  }

  /** The same of a run that may lie where no list has it. */
  async retrainFolder(of: RunFolder, { name, directory = null }: RetrainOptions): Promise<{ runId: string; directory: string }> {
    const run = await fixable(of)
    const { folder, record, manifest } = run
    const hindrance = trainingHindrance(record)
    if (hindrance !== null) throw new GraftError('CONFLICT', hindrance, { action: 'Choose a run that was trained here and has ended.' })
    const state = await folderState(manifest)
    const missing = folderHindrance(state)
    if (missing !== null) throw new GraftError('CONFLICT', missing, { action: 'Then train again.' })
    const decisions = decisionsInForce((await this.journals.read(run.datasetId)).state)
    const since = fixesSince(manifest, decisions)
    const back = await broughtBack(manifest, since)
    const fixes = countFixes({ changed: since.changed, broughtBack: back.map(({ entry }) => entry) })
    if (fixTotal(fixes) === 0) throw new GraftError('CONFLICT', `Nothing was decided about the pictures since ${record.name} was made.`, { action: 'Relabel or exclude pictures first, or train on without fixes.' })
    const lost = await lostFiles(manifest)
    const next = fixedManifest({ manifest, since, decisions, broughtBack: back, lost: lost.map((path) => setAside(path, record.name)) })
    const config = { ...(await folder.config()), weights: join(folder.checkpointDirectory('best'), 'weights.safetensors') }
    const again = newRunRecord({ name: name?.trim() || nextName(record.name), preset: record.preset, config, manifest: next, retrains: { run_id: record.run_id, name: record.name, fixes } })
    return this.runs.begin({ record: again, config, manifest: next }, directory)
  }

  /** Of a run that was trained again: pictures of the split that have another label than in the run before, or take part in only one of the two. */
  async fixedPictures({ runId, split }: { runId: string; split: Split }): Promise<{ pictures: FixedPicture[] }> {
    const folder = await this.runs.folder(runId)
    const { retrains } = await folder.record()
    if (retrains === undefined) return { pictures: [] }
    const [before, now] = await Promise.all([answers(await this.runs.folder(retrains.run_id), split), answers(folder, split)])
    if (before === null || now === null) return { pictures: [] }
    const paths = [...new Set([...before.keys(), ...now.keys()])].sort()
    const pictures = paths.map((path) => ({ path, before: before.get(path) ?? null, now: now.get(path) ?? null }))
    return { pictures: pictures.filter((picture) => picture.before?.label !== picture.now?.label) }
  }

  private async turn(runId: string, kind: 'undo' | 'redo'): Promise<RunFixes> {
    const run = await this.run(runId)
    await this.health.turn(run.datasetId, kind)
    return this.standing(run)
  }

  private async run(runId: string): Promise<FixableRun> {
    const folder = await this.runs.folder(runId)
    const { updated_at: at } = await folder.record()
    const key = JSON.stringify([folder.directory, at])
    if (this.last?.key !== key) this.last = { key, run: await fixable(folder) }
    return this.last.run
  }

  /** Several who ask at once wait for one look. */
  private async folderOf({ record: { run_id: runId }, manifest }: FixableRun): Promise<RunFolderState> {
    const known = this.folders.get(runId)
    if (known !== undefined) return known.state
    const look = this.looks.get(runId) ?? lookAtFolder(manifest).finally(() => this.looks.delete(runId))
    this.looks.set(runId, look)
    const found = await look
    this.folders.set(runId, found)
    return found.state
  }

  /** A decision looks at its own pictures alone; the folder is as it was when the run came up. */
  private async standing(run: FixableRun): Promise<RunFixes> {
    const { record, manifest, datasetId } = run
    const [folder, { state }] = await Promise.all([this.folderOf(run), this.journals.read(datasetId)])
    const since = fixesSince(manifest, decisionsInForce(state))
    return { folder, marks: [...since.marks], counts: countFixes(since), undo: turnOf(state, state.undo), redo: turnOf(state, state.redo), hindrance: trainingHindrance(record) ?? folderHindrance(folder) }
  }
}

async function fixable(folder: RunFolder): Promise<FixableRun> {
  const manifest = await folder.manifest()
  return { folder, record: await folder.record(), manifest, datasetId: datasetIdOf(manifest.root) }
}

/** By path; null where the split was not evaluated. */
async function answers(folder: RunFolder, split: Split): Promise<Map<string, NonNullable<FixedPicture['now']>> | null> {
  const evaluation: Evaluation | null = await folder.currentEvaluation(split, 'best')
  if (evaluation === null) return null
  const name = (index: number): string => evaluation.classes[index] ?? ''
  return new Map(evaluation.predictions.map(({ path, truth, prediction, probabilities }) => [path, { label: name(truth), prediction: name(prediction), probability: probabilities[prediction] ?? 0 }]))
}

function turnOf(state: JournalState, id: number | null): RunFixes['undo'] {
  const decision = state.decisions.find((entry) => entry.decision.id === id)?.decision
  return decision === undefined ? null : { title: decisionTitle(decision), paths: decision.pictures.slice(0, MOST_NAMED).map(({ path }) => path) }
}

function trainingHindrance(record: RunRecord): string | null {
  if (record.origin === 'imported') return `${record.name} was trained by another program, so there are no settings to train it again with. Train on from it instead.`
  return hasModel(record) ? null : `${record.name} is ${record.status} and has no model to go on from yet.`
}

/** `leaves with fixes`, `leaves with fixes 2`. */
function nextName(name: string): string {
  const match = /^(.*) with fixes(?: (\d+))?$/.exec(name)
  return match === null ? `${name} with fixes` : `${match[1] ?? ''} with fixes ${Number(match[2] ?? 1) + 1}`
}

/** Files of the manifest that are gone, or have another size than they had. */
async function lostFiles({ root, pictures }: Manifest): Promise<string[]> {
  const lost: string[] = []
  for (let start = 0; start < pictures.length; start += FILES_AT_ONCE) {
    await Promise.all(
      pictures.slice(start, start + FILES_AT_ONCE).map(async ({ path, sizeBytes }) => {
        const found = await stat(join(root, path)).catch(() => null)
        if (found === null || !found.isFile() || found.size !== sizeBytes) lost.push(path)
      }),
    )
  }
  return lost.sort()
}

/** Changes where a file comes, goes or gets another name in any folder of the run's pictures, or one of these folders does. */
async function foldersSeal({ root, pictures }: Manifest): Promise<string> {
  const folders = [...new Set([root, ...pictures.map(({ path }) => dirname(join(root, path)))])].sort()
  const seals = await Promise.all(folders.map((folder) => stat(folder).then(({ ino, mtimeMs }) => `${ino} ${mtimeMs}`, () => 'gone')))
  return seals.join('; ')
}

/** What was seen, with the seal from before it: what changed meanwhile is looked at again. */
async function lookAtFolder(manifest: Manifest): Promise<SeenFolder> {
  const seal = await foldersSeal(manifest)
  return { state: await folderState(manifest), seal }
}

async function folderState(manifest: Manifest): Promise<RunFolderState> {
  const { root, pictures } = manifest
  const about = { root, pictures: pictures.length }
  const there = await stat(root).catch(() => null)
  if (there === null || !there.isDirectory()) return { kind: 'gone', lost: [], lostCount: pictures.length, ...about }
  const lost = await lostFiles(manifest)
  const kind = lost.length === 0 ? 'same' : lost.length === pictures.length ? 'another' : 'changed'
  return { kind, lost: lost.slice(0, MOST_NAMED), lostCount: lost.length, ...about }
}

/** The hash of a picture that is still the one of the run. @throws GraftError CONFLICT where it is gone or another one lies there */
async function requireUnchanged(root: string, { path, sha256 }: ManifestEntry, runName: string): Promise<string> {
  const bytes = await bytesIfThere(join(root, path))
  if (bytes === null) throw new GraftError('CONFLICT', `${path} is not in ${root} any more, so nothing can be decided about it.`, { action: 'Put the file back, or leave it: training again goes without it.' })
  const now = hash('sha256', bytes, 'hex')
  if (sha256 === '' || now === sha256) return now
  throw new GraftError('CONFLICT', `${path} is another picture now than the one that ${runName} has answered.`, { action: 'Open the folder under Dataset to decide about the new picture.' })
}

/** Null where it is gone. @throws GraftError UNREADABLE, STORAGE where it is there and cannot be read */
async function bytesIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return null
    throw toReadError(error, path)
  }
}

type TakenIn = FixedSplit['broughtBack'][number]

/** Those that are still there, in the splits that they belong to: their own, that of the picture that they are like, or train. */
async function broughtBack({ root, pictures }: Manifest, since: FixesSince): Promise<TakenIn[]> {
  const byPath = new Map(pictures.map((entry) => [entry.path, entry]))
  const bySha256 = new Map(pictures.map((entry) => [entry.sha256, entry]))
  const found: (TakenIn | null)[] = []
  await forEachInFlight(since.broughtBack, FILES_AT_ONCE, undefined, async ({ path, classIndex, split, group, alike = '', moved }, i) => {
    const bytes = await bytesIfThere(join(root, path))
    if (bytes === null) return
    const sha256 = hash('sha256', bytes, 'hex')
    const twin = byPath.get(alike) ?? bySha256.get(sha256)
    const entry: ManifestEntry = { path, classIndex, split: split ?? twin?.split ?? 'train', sizeBytes: bytes.byteLength, sha256, ...(group === undefined ? {} : { group }) }
    found[i] = { entry, moved, alike: twin?.path ?? null }
  })
  return found.flatMap((each) => each ?? [])
}

const setAside = (path: string, runName: string): SetAside => ({
  path,
  reason: 'unreadable',
  message: `It is gone, or is not the file that ${runName} was made with.`,
  action: 'Put the file back, or make a new run, which takes the folder as it is.',
})
