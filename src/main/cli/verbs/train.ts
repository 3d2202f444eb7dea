/** graft train DATA */
import { Option } from 'commander'
import { resolve } from 'node:path'
import { PRESETS, type PresetName } from '../../../shared/domain/presets'
import { addConfigOptions, configFromOptions } from '../config-options'
import { provideWeights } from '../fetch-weights'
import { followedRun, followRun } from '../follow-run'
import type { Verb } from '../program'
import { finishStream } from '../stream'
import { resolveRunConfig } from '../../services/config/run-config'

interface TrainOptions {
  preset?: PresetName
  config?: string
  out?: string
  name?: string
  fetchWeights?: boolean
  json?: boolean
}

export const trainVerb: Verb = {
  name: 'train',
  define(command, { terminal, studio, logDirectory }) {
    command
      .description('Train a classifier on a folder of pictures')
      .argument('<data>', 'a folder with a folder per class, or with train/, val/ and perhaps test/')
      .addOption(new Option('--preset <preset>', 'where the settings start from (default balanced)').choices(PRESETS))
      .option('--config <file>', 'a YAML file of settings; they override the preset, and options override them')
    addConfigOptions(command)
    command
      .option('--out <folder>', "the run's own folder, new or empty; without it one below the user's data folder")
      .option('--name <name>', 'what the run is called in lists')
      .option('--fetch-weights', 'Fetch the published weights where they are not on this machine; without it a terminal is asked, and nothing goes out elsewhere')
      .option('--json', 'One object a line on stdout and nothing else: start, prepare, epoch, error, done')
      .addHelpText('after', '\nCtrl-C once stops as the Stop button does: the best checkpoint is kept and evaluated. Twice ends it now;\ngraft resume goes on from the latest checkpoint.\n')
      .action(async (data: string, options: TrainOptions & Record<string, unknown>) => {
        const quiet = options.json === true
        const resolved = await resolveRunConfig({
          preset: options.preset ?? null,
          file: options.config === undefined ? null : resolve(terminal.workingDirectory, options.config),
          flags: configFromOptions(options),
        })
        await provideWeights(terminal, studio(), resolved.config, { fetches: options.fetchWeights === true, quiet })
        const dataset = await finishStream(terminal, { quiet }, (signal) => studio().datasets.open({ path: resolve(terminal.workingDirectory, data) }, signal))
        const { runId } = await studio().runs.start({
          datasetId: dataset.datasetId,
          preset: resolved.preset,
          config: resolved.config,
          name: options.name ?? null,
          directory: options.out === undefined ? null : resolve(terminal.workingDirectory, options.out),
        })
        await followRun(terminal, followedRun(studio(), { runId, since: 0 }, logDirectory), { json: quiet })
        await studio().runs.finished(runId)
      })
  },
}
