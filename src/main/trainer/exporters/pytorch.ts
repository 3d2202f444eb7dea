/** A state dict in a `.pth` file, for torch.load(weights_only=True) and torchvision's own classes. */
import { join } from 'node:path'
import { writePytorch } from '../../engine/formats/pytorch-writer'
import { writeVerified } from '../../storage/atomic-write'
import { pytorchExample } from '../export-example'
import type { Exporter } from './exporter'
import { openWrittenWeights, requireSameWeights } from './written-weights'

const WEIGHTS = 'model.pth'

export const pytorchExporter: Exporter = {
  format: 'pytorch',

  async write(directory, { weights }) {
    await writeVerified(join(directory, WEIGHTS), writePytorch(weights))
    await requireSameWeights(join(directory, WEIGHTS), weights)
    return [{ name: WEIGHTS, what: 'State dict for torch.load(weights_only=True) and load_state_dict(strict=True)' }]
  },

  open: (directory, model) => openWrittenWeights(join(directory, WEIGHTS), model),

  example: (model) => ({ file: 'example.py', language: 'python', text: pytorchExample(model, 'pth') }),
}
