/** The guides' spellings of options. They are read as they are typed and left out of the list of options. */
import { Option, type Command } from 'commander'
import { GraftError } from '../../shared/domain/error'
import { DEFAULT_PRESET, type PresetName } from '../../shared/domain/presets'
import type { RunConfigKey } from '../../shared/domain/run-config'
import { SPELLINGS } from '../services/config/config-spellings'

/** Other spelling → setting: --img-size for image_size. */
export const ALIASES: readonly { readonly flag: string; readonly key: RunConfigKey }[] = [...SPELLINGS].map(([name, key]) => ({ flag: `--${name.replaceAll('_', '-')}`, key }))

const nameOf = (flag: string): string => flag.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())

/** @param parse text of an option as a setting's value; refuses by the name that was typed */
export function addAliases(command: Command, keys: readonly RunConfigKey[], parse: (key: RunConfigKey, text: string, flag: string) => unknown): void {
  for (const { flag, key } of ALIASES) {
    if (keys.includes(key)) command.addOption(new Option(`${flag} <value>`).argParser((text: string) => parse(key, text, flag)).hideHelp())
  }
  if (!keys.includes('weights')) return
  command.addOption(new Option('--pretrained').hideHelp())
  command.addOption(new Option('--no-pretrained').hideHelp())
}

/** What was said by other spellings. */
export function aliasedValues(options: Readonly<Record<string, unknown>>): { key: RunConfigKey; value: unknown; flag: string }[] {
  const found = ALIASES.flatMap(({ flag, key }) => {
    const value = options[nameOf(flag)]
    return value === undefined ? [] : [{ key, value, flag }]
  })
  const pretrained = options['pretrained']
  if (pretrained === false) found.push({ key: 'weights', value: 'none', flag: '--no-pretrained' })
  // A choice of published weights is pretrained already.
  else if (pretrained === true && (typeof options['weights'] !== 'string' || options['weights'] === 'none')) found.push({ key: 'weights', value: 'imagenet', flag: '--pretrained' })
  return found
}

export interface GuideOptions {
  fast?: boolean
  dataPath?: string
  outputPath?: string
  checkpointDir?: string
  logDir?: string
}

/** Options of the guides' scripts that are not settings of a training. */
export function addGuideOptions(command: Command): void {
  for (const flags of ['--fast', '--data-path <folder>', '--output-path <folder>', '--checkpoint-dir <folder>', '--log-dir <folder>']) command.addOption(new Option(flags).hideHelp())
  const others = [...ALIASES.map(({ flag }) => flag), '--pretrained', '--no-pretrained']
  command.addHelpText(
    'after',
    `\nOther scripts' spellings are read too: ${others.join(', ')}; --fast (the preset guide-a-fast),\n--data-path (the pictures), --checkpoint-dir and --output-path (the run's folder is made in there), --log-dir (the log is in the run's folder).\n`,
  )
}

/** The preset that was asked for; null: what the file says, else balanced. @throws GraftError BAD_INPUT */
export function chosenPreset(options: { preset?: PresetName | undefined; fast?: boolean | undefined }): PresetName | null {
  if (options.fast !== true) return options.preset ?? null
  if (options.preset === undefined || options.preset === 'guide-a-fast') return 'guide-a-fast'
  throw new GraftError('BAD_INPUT', `--fast means --preset guide-a-fast, but --preset ${options.preset} came with it.`, {
    action: `Leave one of the two out; without both it is ${DEFAULT_PRESET}.`,
  })
}

/** The pictures' folder, by its place or by guide D's option; null where neither was given. @throws GraftError BAD_INPUT */
export function chosenData(data: string | undefined, { dataPath }: GuideOptions): string | null {
  if (data !== undefined && dataPath !== undefined && data !== dataPath) {
    throw new GraftError('BAD_INPUT', `The pictures are ${data} and, by --data-path, ${dataPath}.`, { action: 'Name one folder.' })
  }
  return data ?? dataPath ?? null
}

/**
 * Where the run's folder is made by the guides' options; null where they say nothing.
 * @throws GraftError BAD_INPUT where two say different things
 */
export function chosenParent(options: GuideOptions & { out?: string | undefined }): string | null {
  const { outputPath, checkpointDir, out } = options
  const parents = [['--checkpoint-dir', checkpointDir], ['--output-path', outputPath]] as const
  const [first, second] = parents.filter(([, folder]) => folder !== undefined)
  if (first !== undefined && second !== undefined && first[1] !== second[1]) {
    throw new GraftError('BAD_INPUT', `${first[0]} and ${second[0]} name different folders, but a run lies in one.`, { action: 'Leave one of the two out.' })
  }
  if (first !== undefined && out !== undefined) {
    throw new GraftError('BAD_INPUT', `--out is the run's own folder and ${first[0]} the folder that it is made in: only one of them can hold.`, { action: 'Leave one of the two out.' })
  }
  return first?.[1] ?? null
}
