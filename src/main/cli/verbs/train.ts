/** graft train DATA */
import { Option } from 'commander'
import { basename, join, resolve } from 'node:path'
import { PRESETS, type PresetName } from '../../../shared/domain/presets'
import { factsOf } from '../../services/config/chosen-config'
import { requireSound, resolveRunConfig } from '../../services/config/run-config'
import { newRunId } from '../../services/run-id'
import { addGuideOptions, chosenData, chosenParent, chosenPreset, type GuideOptions } from '../config-aliases'
import { addConfigOptions, configFromOptions } from '../config-options'
import { addPathOptions, pathsFromOptions, requireStageCount } from '../config-paths'
import { configLine, sayNotes } from '../config-text'
import { provideWeights } from '../fetch-weights'
import { finishProfile, PROFILE_HELP } from '../finish-profile'
import { followedRun, followRun } from '../follow-run'
import { settingsFromModel } from '../from-model'
import type { Verb } from '../program'
import { trainWithFixes } from '../train-with-fixes'
import { finishStream } from '../stream'
import type { StartRun } from '../../services/runs'
import type { Studio } from '../../services/studio'
import { writeLine, type Terminal } from '../terminal'

interface TrainOptions extends GuideOptions {
  preset?: PresetName
  config?: string
  out?: string
  name?: string
  fetchWeights?: boolean
  from?: string
  withFixes?: boolean
  profile?: boolean
  queue?: boolean
  json?: boolean
}

export const trainVerb: Verb = {
  name: 'train',
  define(command, { terminal, studio, logDirectory }) {
    command
      .description('Train a classifier on a folder of pictures')
      .argument('[data]', 'a folder with a folder per class, or with train/, val/ and perhaps test/')
      .addOption(new Option('--preset <preset>', 'where the settings start from (default balanced)').choices(PRESETS))
      .option('--config <file>', 'a YAML or JSON file of settings over the preset, or the params.yaml of another script; options come over it')
    command.option('--from <model>', 'go on from a model: a run (its best epoch), the folder of one of its checkpoints, or a weights file')
    command.option('--with-fixes', 'with --from RUN: train that run again, with its own settings, split and pictures, and with what was decided about them since; no folder is named')
    addConfigOptions(command)
    addPathOptions(command)
    addGuideOptions(command)
    command
      .option('--out <folder>', "the run's own folder, new or empty; without it one below the user's data folder")
      .option('--name <name>', 'what the run is called in lists')
      .option('--fetch-weights', 'Fetch the published weights where they are not on this machine; without it a terminal is asked, and nothing goes out elsewhere')
      .option('--queue', 'Put it at the end of the queue and return; see graft queue')
      .option('--profile', PROFILE_HELP)
      .option('--json', 'One object a line on stdout and nothing else: start, prepare, epoch, error, done, profile')
      .addHelpText('after', '\nCtrl-C once stops as the Stop button does: the best checkpoint is kept and evaluated. Twice ends it now;\ngraft resume goes on from the latest checkpoint.\n')
      .action(async (named: string | undefined, options: TrainOptions & Record<string, unknown>) => {
        const quiet = options.json === true
        if (options.withFixes === true) {
          const others = { data: chosenData(named, options), preset: options.preset, config: options.config, ...configFromOptions(options), 'log-dir': options.logDir, profile: options.profile, queue: options.queue }
          return trainWithFixes(terminal, studio(), { from: options.from, name: options.name ?? null, out: options.out ?? null, json: quiet, others }, logDirectory)
        }
        const data = chosenData(named, options)
        if (data === null) return command.error("error: missing required argument 'data'", { exitCode: 1, code: 'commander.missingArgument' })
        const parent = chosenParent(options)
        const said = configFromOptions(options)
        const flags = options.from === undefined ? said : { ...said, ...(await settingsFromModel(options.from, said, terminal.workingDirectory)) }
        const resolved = await resolveRunConfig({
          preset: chosenPreset(options),
          file: options.config === undefined ? null : resolve(terminal.workingDirectory, options.config),
          flags,
          paths: pathsFromOptions(options, flags),
        })
        requireStageCount(options, resolved.config)
        sayNotes(terminal, resolved.notes)
        await provideWeights(terminal, studio(), resolved.config, { fetches: options.fetchWeights === true, quiet })
        const dataset = await finishStream(terminal, { quiet }, (signal) => studio().datasets.open({ path: resolve(terminal.workingDirectory, data) }, signal))
        const told = new Set(resolved.notes)
        sayNotes(terminal, requireSound(resolved, factsOf(studio().datasets.find(dataset.datasetId).scan)).filter((note) => !told.has(note)))
        // A run asks for it by itself; asked for here, it is seen how far it is.
        await finishStream(terminal, { quiet }, (signal) => studio().health.report({ datasetId: dataset.datasetId }, signal))
        if (!quiet) writeLine(terminal.stdout, configLine(resolved))
        const name = options.name ?? null
        const wanted = {
          datasetId: dataset.datasetId,
          preset: resolved.preset,
          config: resolved.config,
          resolved,
          name,
          directory: runDirectory(options.out ?? (parent === null ? null : join(parent, newRunId(new Date(), name ?? basename(dataset.root)))), terminal.workingDirectory),
        }
        if (options.queue === true) return sayQueued(terminal, studio(), wanted, quiet)
        const { runId, directory } = await studio().runs.start({ ...wanted, ...(options.profile === true && { profile: { startedAt: performance.timeOrigin } }) })
        if (parent !== null || options.logDir !== undefined) writeLine(terminal.stderr, `Checkpoints, history and log of a run lie together: ${directory}`)
        await followRun(terminal, followedRun(studio(), { runId, since: 0 }, logDirectory), { json: quiet })
        await studio().runs.finished(runId)
        if (options.profile === true) await finishProfile(terminal, studio(), directory, { json: quiet })
      })
  },
}

async function sayQueued(terminal: Terminal, studio: Studio, wanted: StartRun, json: boolean): Promise<void> {
  const { runId, directory, place } = await studio.queue.add(wanted)
  if (json) {
    writeLine(terminal.stdout, JSON.stringify({ event: 'queued', run_id: runId, run_dir: directory, place }))
    return
  }
  const { keeper, held } = await studio.queue.get()
  const next = held ? 'The queue is held: graft queue run goes on with it.' : keeper === 'none' ? 'No studio is open that would begin it; graft queue run does.' : 'It begins by itself in its turn.'
  writeLine(terminal.stdout, `${runId} is in the queue, at place ${place}. ${next}`)
}

function runDirectory(path: string | null, workingDirectory: string): string | null {
  return path === null ? null : resolve(workingDirectory, path)
}
