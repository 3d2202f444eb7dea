/** What a file of weights says of itself in its header, so that it can be told apart, and trained on from, without its run. */
export function describedWeights(model: { backbone: string; head: string; imageSize: number; classes: readonly string[] }): Record<string, string> {
  return { format: 'pt', backbone: model.backbone, head: model.head, image_size: String(model.imageSize), classes: JSON.stringify(model.classes) }
}
