/**
 * Two guides' own files, read as they are: a flat params.yaml with `model_name` (guide E), and one with the sections `model` and
 * `training` (guide D). Every key of theirs is a setting, a check against the pictures, or refused with what to write.
 */
import { isMap, isSeq } from 'yaml'
import { GraftError } from '../../../shared/domain/error'
import { nearestName } from '../../../shared/domain/nearest-name'
import type { PresetName } from '../../../shared/domain/presets'
import { type RunConfigKey, runConfigSchema } from '../../../shared/domain/run-config'
import { nameFault, shown } from '../../../shared/domain/shown'
import type { SettingsReader } from './config-file'
import type { Entry } from './config-node'
import { SPELLINGS } from './config-spellings'

/** Sections beside the training's in the files of such pipelines: what is in them cannot be meant for a training. */
const OTHERS = new Set(
  ('ingest ingestion collect download prepare preparation preprocess preprocessing featurize evaluate evaluation export serve serving deploy deployment api monitoring ' +
    'logging mlflow wandb tracking registry dvc docker storage s3 paths').split(' '),
)

/** Keys of guide D's `model` and of common classes like it. */
const MODEL_KEYS: Readonly<Record<string, RunConfigKey>> = {
  name: 'backbone',
  backbone: 'backbone',
  architecture: 'backbone',
  arch: 'backbone',
  model_name: 'backbone',
  dropout: 'dropout',
  dropout_rate: 'dropout',
  head: 'head',
  weights: 'weights',
  freeze_ratio: 'freeze_ratio',
  image_size: 'image_size',
  img_size: 'image_size',
  input_size: 'image_size',
}

/** Where such files say which pictures there are; these are named on the command line. */
const DATA_SECTIONS: readonly string[] = ['data', 'dataset']
const PLACES = new Set('path root dir folder name data_dir data_path data_root dataset_dir dataset_path root_dir train train_dir train_path val val_dir val_path valid_dir test test_dir test_path'.split(' '))

/** The preset that the file's guide is; null where the file is Graft's own, of which nothing is read here. @throws GraftError */
export function readForeign(reader: SettingsReader, entries: readonly Entry[]): { preset: PresetName } | null {
  const names = new Map(entries.map((entry) => [entry.name, entry]))
  const isSection = (name: string): boolean => isMap(names.get(name)?.node)
  if (isSection('model') || isSection('training')) {
    for (const entry of entries) readPipelineKey(reader, entry)
    return { preset: reader.preset ?? 'guide-d' }
  }
  if (!names.has('model_name')) return null
  for (const entry of entries) {
    if (entry.name === 'classes') readClasses(reader, entry)
    else readFlatKey(reader, entry)
  }
  return { preset: reader.preset ?? 'guide-e' }
}

function readPipelineKey(reader: SettingsReader, entry: Entry): void {
  const isData = DATA_SECTIONS.includes(entry.name)
  if (!isMap(entry.node)) return isData ? leaveOutPlace(reader, entry) : readFlatKey(reader, entry)
  if (isData) return reader.document.entries(entry.node).forEach((inner) => readDataKey(reader, { ...inner, name: `${entry.name}.${inner.name}` }, inner.name))
  if (entry.name === 'model') return reader.document.entries(entry.node).forEach((inner) => readModelKey(reader, { ...inner, name: `model.${inner.name}` }, inner.name))
  if (entry.name === 'training') return reader.document.entries(entry.node).forEach((inner) => readKnown(reader, { ...inner, name: `training.${inner.name}` }, inner.name))
  readFlatKey(reader, entry)
}

function leaveOutPlace(reader: SettingsReader, entry: Entry): void {
  reader.notes.push(`${reader.document.at(entry.keyOffset)}: ${shown(entry.name)} is left out: the pictures are those of the folder that you name.`)
}

function readDataKey(reader: SettingsReader, entry: Entry, name: string): void {
  if (PLACES.has(name)) return leaveOutPlace(reader, entry)
  if (name === 'classes' && isSeq(entry.node)) return readClasses(reader, entry)
  if (name === 'num_classes') return readCount(reader, entry)
  readKnown(reader, entry, name)
}

function readModelKey(reader: SettingsReader, entry: Entry, name: string): void {
  const key = Object.hasOwn(MODEL_KEYS, name) ? MODEL_KEYS[name] : undefined
  if (key !== undefined) return reader.readAs(entry, key, entry.name)
  if (name === 'num_classes') return readCount(reader, entry)
  if (name === 'pretrained' || name === 'freeze_backbone') {
    const value = reader.document.value(entry.node)
    if (typeof value !== 'boolean') throw refusal(reader, entry, 'expects true or false', 'Write true or false.')
    if (name === 'pretrained') reader.set('weights', value ? 'imagenet' : 'none', entry)
    else reader.set('freeze', value ? 'all' : 'none', entry)
    return
  }
  throw unknownKey(reader, entry, [...Object.keys(MODEL_KEYS), 'num_classes', 'pretrained', 'freeze_backbone'], name)
}

/** A setting by its own name or another script's. */
function readKnown(reader: SettingsReader, entry: Entry, name: string): void {
  const own = Object.keys(runConfigSchema.shape).find((key): key is RunConfigKey => key === name)
  const key = own ?? SPELLINGS.get(name)
  if (key === undefined) throw unknownKey(reader, entry, [...Object.keys(runConfigSchema.shape), ...SPELLINGS.keys()], name)
  if (key === 'augmentation' || key === 'stages') return reader.readTop({ ...entry, name: key })
  reader.readAs(entry, key, entry.name)
}

function readFlatKey(reader: SettingsReader, entry: Entry): void {
  const { name, node } = entry
  if (name === 'preset') return reader.readTop(entry)
  if (isMap(node) && OTHERS.has(name)) {
    reader.notes.push(`${reader.document.at(entry.keyOffset)}: the section "${shown(name)}" is not about a training and is left out.`)
    return
  }
  readKnown(reader, entry, name)
}

function readClasses(reader: SettingsReader, entry: Entry): void {
  const value = reader.document.value(entry.node)
  const names = isSeq(entry.node) && Array.isArray(value) ? value.map(String) : null
  const fault = names?.map((name) => nameFault(name)).find((found) => found !== null)
  if (names === null || names.length < 2 || fault !== undefined) throw refusal(reader, entry, 'expects the names of two or more classes', 'Write them as a list: [ant, bee].')
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw refusal(reader, entry, `names "${shown(twice)}" twice`, 'Name each class once.')
  reader.expected = { names, count: names.length, place: reader.document.at(entry.offset) }
}

function readCount(reader: SettingsReader, entry: Entry): void {
  const value = reader.document.value(entry.node)
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 2) throw refusal(reader, entry, 'expects a whole number of 2 or more', 'Give the number of classes, or leave it out: the folders say it.')
  reader.expected = { names: null, count: value, place: reader.document.at(entry.offset) }
}

function refusal(reader: SettingsReader, entry: Entry, what: string, action: string): GraftError {
  return new GraftError('BAD_INPUT', `${reader.document.at(entry.offset)}: ${entry.name} ${what}.`, { action })
}

function unknownKey(reader: SettingsReader, entry: Entry, names: readonly string[], name: string): GraftError {
  const near = nearestName(name, names)
  return new GraftError('BAD_INPUT', `${reader.document.at(entry.keyOffset)}: "${shown(entry.name)}" is nothing that Graft knows.`, {
    action: near === null ? 'Take it out, or write one of Graft’s settings: graft config shows them.' : `Did you mean ${near}?`,
  })
}
