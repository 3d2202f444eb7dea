/** graft import FILE */
import { Option } from 'commander'
import { resolve } from 'node:path'
import { GraftError } from '../../../shared/domain/error'
import { runConfigSchema } from '../../../shared/domain/run-config'
import { shownList } from '../../../shared/domain/shown'
import { parseConfigValue } from '../config-options'
import { printable } from '../format'
import type { Verb } from '../program'
import { finishStream } from '../stream'
import { writeLine } from '../terminal'

interface ImportOptions {
  data?: string
  name?: string
  backbone?: string
  labels?: string[]
  imageSize?: number
  json?: boolean
}

export const importVerb: Verb = {
  name: 'import',
  define(command, { terminal, studio }) {
    command
      .description('Bring in a model that a PyTorch script trained, as a run: to evaluate, to export, to train on from')
      .argument('<file>', 'a .pth, .pt or .safetensors file: a state dict, or a checkpoint that holds one')
      .option('--data <folder>', 'pictures to evaluate it on, a folder per class')
      .option('--name <name>', 'what to call the run')
      .option('--backbone <name>', 'which network it is; left out: told from its tensors')
      .addOption(new Option('--labels <names>', 'its classes in the order of its outputs, separated by commas').argParser(parseLabels))
      .addOption(new Option('--image-size <n>', runConfigSchema.shape.image_size.description).argParser((text: string) => parseConfigValue('image_size', text)))
      .option('--json', 'The report as one object on stdout and nothing else')
      .action(async (file: string, options: ImportOptions) => {
        const { data, name, backbone, labels, imageSize, json: quiet = false } = options
        const path = resolve(terminal.workingDirectory, file)
        const summary =
          data === undefined
            ? null
            : await finishStream(terminal, { quiet }, (signal) => studio().datasets.open({ path: resolve(terminal.workingDirectory, data) }, signal))
        const request = {
          path,
          datasetId: summary?.datasetId ?? null,
          name: name ?? null,
          backbone: backbone ?? null,
          labels: labels ?? null,
          imageSize: imageSize ?? null,
        }
        const report = await finishStream(terminal, { quiet }, (signal) => studio().imports.start(request, signal))
        if (quiet) {
          writeLine(terminal.stdout, JSON.stringify(report))
          return
        }
        writeLine(terminal.stdout, `Imported as ${report.runId}: ${report.backbone} with a ${report.head} head, ${report.imageSize} pixels`)
        writeLine(terminal.stdout, `Classes: ${shownList(report.classes)}`)
        for (const note of report.notes) writeLine(terminal.stdout, `  ${printable(note)}`)
        writeLine(terminal.stdout, `Try graft evaluate, predict or export with ${report.runId}, or graft train … --weights on its checkpoints/best/weights.safetensors`)
      })
  },
}

function parseLabels(text: string): string[] {
  const labels = text.split(',').map((label) => label.trim())
  if (labels.length < 2 || labels.includes('')) {
    throw new GraftError('BAD_INPUT', `--labels expects two or more names separated by commas, but "${text}" came.`, { action: 'For example --labels ant,bee.' })
  }
  return labels
}
