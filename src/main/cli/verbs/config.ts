/** graft config [PRESET] */
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { configJsonSchema } from '../../../shared/domain/config-fields'
import { GraftError } from '../../../shared/domain/error'
import { nearestName } from '../../../shared/domain/nearest-name'
import { DEFAULT_PRESET, PRESETS, type PresetName } from '../../../shared/domain/presets'
import { resolveRunConfig } from '../../services/config/run-config'
import { configToYaml, sourcesInYaml } from '../../storage/config-yaml'
import { chosenPreset } from '../config-aliases'
import { addConfigOptions, configFromOptions } from '../config-options'
import { addPathOptions, pathsFromOptions, requireStageCount } from '../config-paths'
import { sayNotes } from '../config-text'
import type { Verb } from '../program'
import { findRun } from '../sources'
import { type Terminal, writeLine } from '../terminal'

interface ConfigOptions {
  preset?: PresetName
  config?: string
  run?: string
  json?: boolean
  jsonSchema?: boolean
}

export const configVerb: Verb = {
  name: 'config',
  define(command, { terminal }) {
    command
      .description('Print every setting of a training as YAML: what it does, what it takes and where its value came from')
      .argument('[preset]', `where the settings start from: ${PRESETS.join(', ')} (default ${DEFAULT_PRESET})`)
      .option('--config <file>', 'a file of settings over the preset; options come over it')
      .option('--run <run>', 'the settings of a run, and what those that were left open became')
      .option('--json', 'The settings and their sources as one object')
      .option('--json-schema', 'What a file of settings may hold, for editors')
    addConfigOptions(command)
    addPathOptions(command)
    command
      .addHelpText('after', '\nWhat is printed is a file of settings: graft config best > my.yaml, then graft train FOLDER --config my.yaml.\n')
      .action((preset: string | undefined, options: ConfigOptions & Record<string, unknown>) => print(terminal, command, preset, options))
  },
}

async function print(terminal: Terminal, command: Command, named: string | undefined, options: ConfigOptions & Record<string, unknown>): Promise<void> {
  if (options.jsonSchema === true) return writeLine(terminal.stdout, JSON.stringify(configJsonSchema(), null, 2))
  if (options.run !== undefined) {
    const others = command.options.map((option) => option.attributeName()).filter((name) => name !== 'run' && name !== 'json' && options[name] !== undefined)
    if (named !== undefined || others.length > 0) throw new GraftError('BAD_INPUT', '--run shows the settings that a run had: a preset, a file or other options cannot change them.', { action: 'Leave them out, or give its config.yaml to --config.' })
    return printRun(terminal, options.run, options.json === true)
  }
  const flags = configFromOptions(options)
  const resolved = await resolveRunConfig({
    preset: requirePreset(named) ?? chosenPreset(options),
    file: options.config === undefined ? null : resolve(terminal.workingDirectory, options.config),
    flags,
    paths: pathsFromOptions(options, flags),
  })
  requireStageCount(options, resolved.config)
  sayNotes(terminal, resolved.notes)
  const { preset, config, origin, file, notes } = resolved
  if (options.json === true) writeLine(terminal.stdout, JSON.stringify({ preset, config, sources: origin.sources, notes }))
  else terminal.stdout.write(configToYaml(config, { sources: origin.sources, preset, file }, { presetKey: true }))
}

function requirePreset(name: string | undefined): PresetName | null {
  if (name === undefined) return null
  const found = PRESETS.find((preset) => preset === name)
  if (found !== undefined) return found
  const near = nearestName(name, PRESETS)
  throw new GraftError('BAD_INPUT', `There is no preset "${name}": one of ${PRESETS.join(', ')} was expected.`, { action: near === null ? 'Choose one of them.' : `Did you mean ${near}?` })
}

async function printRun(terminal: Terminal, reference: string, asJson: boolean): Promise<void> {
  const { folder, record } = await findRun(reference, terminal.workingDirectory)
  const config = await folder.config()
  const sources = sourcesInYaml(await readFile(join(folder.directory, 'config.yaml'), 'utf8'), config)
  const { preset, resolved } = record
  if (asJson) writeLine(terminal.stdout, JSON.stringify({ preset, config, sources, resolved }))
  else terminal.stdout.write(configToYaml(config, { sources, preset, resolved }))
}
