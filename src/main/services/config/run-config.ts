/** Preset, then file, then flags: the configuration of a run, and where each of its values came from. */
import { configNames } from '../../../shared/domain/config-fields'
import { type ConfigLayer, type ConfigSource, type ConfigValues, layerConfig, restatedPaths } from '../../../shared/domain/config-layers'
import { type ConfigOrigin, type ConfigProblem, configProblems, type DatasetFacts, problemMessage } from '../../../shared/domain/config-problems'
import { GraftError } from '../../../shared/domain/error'
import { DEFAULT_PRESET, PRESET_CONFIGS, type PresetName } from '../../../shared/domain/presets'
import type { RunConfig } from '../../../shared/domain/run-config'
import { BACKBONES } from '../../engine/zoo/registry'
import { type ConfigFile, type ExpectedClasses, noConfigFile, readConfigFile, unknownSetting } from './config-file'

export interface ConfigRequest {
  /** Null: the preset that the file names, else the default one. */
  preset: PresetName | null
  /** Path of a YAML file, or null. */
  file: string | null
  flags: ConfigValues
  /** Single values by path, over the flags: `augmentation.rotation`, `stages.2.epochs`. */
  paths?: Readonly<Record<string, unknown>>
}

export interface ResolvedConfig {
  preset: PresetName
  config: RunConfig
  origin: ConfigOrigin
  /** Path of the settings file; null where there was none. */
  file: string | null
  /** File, line and column of a setting that the file says. */
  place: (path: string) => string
  /** Classes that the file says the pictures have. */
  expected: ExpectedClasses | null
  /** Worth saying, though nothing is refused. */
  notes: readonly string[]
}

/** @throws GraftError BAD_INPUT naming the setting, with the place in the file; NOT_FOUND */
export async function resolveRunConfig(request: ConfigRequest): Promise<ResolvedConfig> {
  const file = request.file === null ? null : await readConfigFile(request.file)
  const resolved = combineConfig({ preset: request.preset, file, flags: request.flags, ...(request.paths === undefined ? {} : { paths: request.paths }) })
  const { notes, ...rest } = resolved
  return { ...rest, notes: [...notes, ...requireSound(rest, null)] }
}

interface Parts {
  preset: PresetName | null
  file?: ConfigFile | null
  flags: ConfigValues
  paths?: Readonly<Record<string, unknown>>
  /** The flags may be a whole configuration, so that one which repeats the preset was not meant. */
  areFlagsWhole?: boolean
}

/** The same without reading a file, and without refusing what has no effect. Keys whose value is undefined count as not given. */
export function combineConfig(parts: Parts): ResolvedConfig {
  const file = parts.file ?? noConfigFile()
  const preset = parts.preset ?? file.preset ?? DEFAULT_PRESET
  const known = new Set(configNames(''))
  for (const key of Object.keys(parts.flags)) if (!known.has(key)) throw unknownSetting(key, '')
  const below: ConfigLayer = { source: 'preset', values: PRESET_CONFIGS[preset] }
  const { config: found, sources, replaced, derived } = layerConfig([below, { source: 'file', values: file.values }, { source: 'flag', values: parts.flags, paths: parts.paths ?? {} }])
  const config = { ...found, backbone: backboneName(found.backbone) }
  // In a file that somebody wrote line by line every value was meant.
  const whole = parts.areFlagsWhole === true ? 'flag' : file.isWhole ? 'file' : null
  const restated = whole === null ? new Set<string>() : restatedPaths({ config, sources }, layerConfig([below]).config, whole)
  const notes = [...file.notes]
  if (file.preset !== null && parts.preset !== null && file.preset !== parts.preset) notes.push(`The preset is ${parts.preset}; ${file.place('preset')}: ${file.preset} is not used.`)
  return {
    preset,
    config,
    origin: { sources, replaced, derived, restated, isWholeFile: file.isWhole },
    file: file.path === '' ? null : file.path,
    place: (path) => file.place(path),
    expected: file.expected,
    notes,
  }
}

/** Another program's spelling of a network that there is: MobileNetV2, efficientnet-b0. */
function backboneName(name: string): string {
  const bare = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '')
  return BACKBONES.find((backbone) => backbone.name === name || bare(backbone.name) === bare(name))?.name ?? name
}

type Sourced = Pick<ResolvedConfig, 'config' | 'origin' | 'place'>

/**
 * Refuses what was written and would have no effect, or cannot hold together.
 * @returns what is only to be said
 * @throws GraftError BAD_INPUT, with the place in the file or the name of the flag
 */
export function requireSound(resolved: Sourced, dataset: DatasetFacts | null): string[] {
  const problems = configProblems(resolved.config, resolved.origin, dataset)
  const [first, ...others] = problems.filter(({ severity }) => severity === 'error')
  if (first !== undefined) {
    const also = others.length === 0 ? {} : { detail: others.map((problem) => named(problem, resolved)).join('\n') }
    throw new GraftError('BAD_INPUT', named(first, resolved), { action: first.action, ...also })
  }
  return problems.map((problem) => `${named(problem, resolved)} ${problem.action}`)
}

function named(problem: ConfigProblem, { origin, place }: Sourced): string {
  const source = sourceOf(problem, origin)
  if (source === 'file') return `${place(problem.path)}: ${problemMessage(problem)}`
  return problemMessage(problem, source === 'flag' ? flagOf(problem.path) : problem.path)
}

/** Where the value that a problem is about was written; a part of it, such as one class's weight, is written with the whole. */
function sourceOf({ path }: ConfigProblem, { sources, replaced }: ConfigOrigin): ConfigSource | undefined {
  const before = replaced.find((one) => one.path === path)
  return before?.source ?? sources[path] ?? sources[path.split('.')[0] ?? path]
}

/** --freeze-ratio for freeze_ratio, --set augmentation.rotation for what has no flag of its own. */
export function flagOf(path: string): string {
  return path.includes('.') ? `--set ${path}` : `--${path.replaceAll('_', '-')}`
}
