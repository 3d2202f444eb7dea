/** The export as a TensorFlow.js graph model: little left to compute, and as few operations as a browser needs. */
import { type TfjsGraphModel, writeTfjsGraphModel } from '../formats/tfjs-graph-model'
import { type CompileExportOptions, EXPORT_OUTPUT, exportGraph } from './exported'
import { foldConstants, transposeConstantFactors } from './fold-constants'
import { fuseOperations } from './fuse-operations'

/** int32 [N, side, side, 3] with values 0…255, resized (what `tf.browser.fromPixels` gives) → float32 [N, classes] that sum to one. */
export function compileTfjsExport(options: CompileExportOptions & { generatedBy: string; metadata: Readonly<Record<string, unknown>> }): TfjsGraphModel {
  const { nodes, signature } = exportGraph(options, 'int32')
  const outputs = [EXPORT_OUTPUT]
  const folded = foldConstants(transposeConstantFactors(nodes), outputs)
  return writeTfjsGraphModel(fuseOperations(folded, outputs), signature, options)
}
