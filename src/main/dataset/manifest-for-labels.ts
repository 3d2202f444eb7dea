/** A folder's pictures under the class order of a model. */
import type { Manifest } from '../../shared/domain/dataset'
import { GraftError } from '../../shared/domain/error'
import { shownList } from '../../shared/domain/shown'

/**
 * The class of the model that each class of the pictures is, by name.
 * @throws GraftError MISMATCH naming classes that the model does not know
 */
export function manifestForLabels(manifest: Manifest, labels: readonly string[]): Manifest {
  const unknown = manifest.classes.filter((name) => !labels.includes(name))
  if (unknown.length > 0) {
    throw new GraftError('MISMATCH', `The pictures have classes that the model does not know: ${shownList(unknown)}; it knows ${shownList(labels)}.`, {
      action: 'Give pictures of the classes that the model was trained on.',
    })
  }
  const pictures = manifest.pictures.map((entry) => ({ ...entry, classIndex: labels.indexOf(manifest.classes[entry.classIndex] ?? '') }))
  return { ...manifest, classes: [...labels], pictures }
}

/** The same of a run's own pictures; none of them where its model came with other classes, or without pictures. */
export function manifestOfModel(manifest: Manifest, labels: readonly string[]): Manifest {
  if (manifest.classes.every((name) => labels.includes(name))) return manifestForLabels(manifest, labels)
  return { ...manifest, classes: [...labels], pictures: [] }
}
