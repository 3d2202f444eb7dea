/** What a model card may say of a model that another program trained: what its file says, and what was measured here. */
import { literal, percent, plural, settings } from './card-words'
import type { CardContent } from './model-card'

/** Of the pictures that it is measured on. */
export const PERHAPS_LEARNED = 'they may be ones that it learned from, and then the figures flatter it'

export function importedHeading({ record, model, evaluation }: CardContent): string {
  const { state, backbone } = model
  return [
    `# ${literal(record.name)}`,
    `A classifier of pictures: ${backbone.title} with ${plural(state.num_classes, 'class', 'classes')}, trained by another program. ` +
      `Right for ${percent(evaluation.report.accuracy)} of the ${plural(evaluation.report.count, 'picture')} that it was checked on; ${PERHAPS_LEARNED}.`,
  ].join('\n\n')
}

export function importedData({ record, manifest }: CardContent): string {
  const aside = manifest.setAside.length
  return [
    '## Data',
    'It was trained by another program; what it learned from is not known here.',
    `The figures below were measured on pictures of “${literal(record.dataset_name)}”: ${PERHAPS_LEARNED}.`,
    ...(aside === 0 ? [] : [`${plural(aside, 'picture')} could not be read and ${aside === 1 ? 'was' : 'were'} set aside.`]),
  ].join('\n\n')
}

/** The file's own words, and nothing of how it was trained, which this program cannot know. */
export function importedRecipe({ model, licence, importNotes }: CardContent): string {
  const { state, backbone } = model
  const notes = importNotes.length === 0 ? [] : ['What the file says, and what was taken where it says nothing:', importNotes.map((note) => `- ${literal(note)}`).join('\n')]
  return [
    '## Where it comes from',
    settings([
      ['backbone', `${backbone.title} (${backbone.paper})`],
      ['came from', literal(licence.start)],
      ['head', state.head],
      ['picture size', `${state.image_size} pixels a side`],
      ...(state.epoch === 0 ? [] : [['epoch, as the file says', String(state.epoch)] as const]),
    ]),
    ...notes,
    'How it was trained is not known here.',
  ].join('\n\n')
}

/** In the place of what is said of models that were trained here. */
export const IMPORTED_LIMITS: readonly string[] = [
  'What pictures it learned from is not known. From another camera, place, season or distance it may be worse, and nothing here says by how much.',
  'The pictures that it was checked on may be ones that it learned from, and then the figures flatter it.',
  'It is fed here with pictures resized as preprocessing.json says. If it learned from pictures prepared in another way, it may be better with that.',
  'Whether its probabilities are calibrated is not known: 0.9 does not promise nine right answers out of ten.',
]
