/** graft find-rate DATA */
import { Option } from 'commander'
import { resolve } from 'node:path'
import { PRESETS, type PresetName } from '../../../shared/domain/presets'
import type { RateFinderResult } from '../../../shared/domain/rate-finder'
import { resolveRunConfig } from '../../services/config/run-config'
import { addConfigOptions, configFromOptions } from '../config-options'
import { provideWeights } from '../fetch-weights'
import { formatRate } from '../format'
import type { Verb } from '../program'
import { finishStream } from '../stream'
import { type Terminal, writeLine } from '../terminal'

interface FindRateOptions {
  preset?: PresetName
  config?: string
  fetchWeights?: boolean
  json?: boolean
}

const CHART_ROWS = 20
const CHART_WIDTH = 48

export const findRateVerb: Verb = {
  name: 'find-rate',
  define(command, { terminal, studio }) {
    command
      .description('Try learning rates on a folder of pictures and suggest one; nothing is kept')
      .argument('<data>', 'a folder with a folder per class, or with train/, val/ and perhaps test/')
      .addOption(new Option('--preset <preset>', 'where the settings start from (default balanced)').choices(PRESETS))
      .option('--config <file>', 'a YAML file of settings')
    addConfigOptions(command)
    command
      .option('--fetch-weights', 'Fetch the published weights where they are not on this machine')
      .option('--json', 'One object on stdout: the points, the suggestion and its reason')
      .action(async (data: string, options: FindRateOptions & Record<string, unknown>) => {
        const quiet = options.json === true
        const resolved = await resolveRunConfig({
          preset: options.preset ?? null,
          file: options.config === undefined ? null : resolve(terminal.workingDirectory, options.config),
          flags: configFromOptions(options),
        })
        await provideWeights(terminal, studio(), resolved.config, { fetches: options.fetchWeights === true, quiet })
        const dataset = await finishStream(terminal, { quiet }, (signal) => studio().datasets.open({ path: resolve(terminal.workingDirectory, data) }, signal))
        const found = await finishStream(terminal, { quiet }, (signal) =>
          Promise.resolve(studio().rateFinder.find({ config: resolved.config, preset: resolved.preset, resolved, datasetId: dataset.datasetId }, signal)),
        )
        if (quiet) writeLine(terminal.stdout, JSON.stringify(found))
        else writeFound(terminal, found)
      })
  },
}

/** The curve as bars, one row for every few points, and what it says. */
function writeFound(terminal: Terminal, { points, suggestion, reason }: RateFinderResult): void {
  const every = Math.max(1, Math.ceil(points.length / CHART_ROWS))
  const highest = Math.min(Math.max(...points.map((point) => point.smoothed_loss)), 2 * (points[0]?.smoothed_loss ?? 1))
  writeLine(terminal.stdout, 'Rate      Loss (smoothed)')
  for (const point of points.filter((_, index) => index % every === 0)) {
    const bar = '█'.repeat(Math.max(1, Math.round((Math.min(point.smoothed_loss, highest) / highest) * CHART_WIDTH)))
    writeLine(terminal.stdout, `${point.learning_rate.toExponential(1).padEnd(8)}  ${point.smoothed_loss.toFixed(4).padStart(8)}  ${bar}`)
  }
  writeLine(terminal.stdout, '')
  writeLine(terminal.stdout, suggestion === null ? reason : `Suggested: --learning-rate ${formatRate(suggestion)}. ${reason}`)
}
