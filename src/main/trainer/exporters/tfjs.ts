/** TensorFlow.js's graph model, and a web page that classifies a dropped picture with it. */
import { copyFile, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { GraftError } from '../../../shared/domain/error'
import { EXPORT_INPUT } from '../../engine/compile/exported'
import { compileTfjsExport } from '../../engine/compile/tfjs-exported'
import { openTfjsGraphModel } from '../../engine/runtime/tfjs-graph-model'
import { installedVersion, webPageDirectory } from '../../installation'
import { writeVerified } from '../../storage/atomic-write'
import { answerRows } from './answer-rows'
import type { ExportedModel, Exporter, WrittenFile } from './exporter'

/** The page's own scripts and TensorFlow.js; `index.html` lies above it, beside the model. */
const PAGE = 'page'

const WHAT: Readonly<Record<string, string>> = {
  'index.html': 'A page that classifies a dropped picture with the model, in the browser',
  'tf.min.js': 'TensorFlow.js, under the Apache licence 2.0 (tensorflow-licence.txt)',
  'tf-backend-wasm.min.js': 'TensorFlow.js’s WebAssembly back end, for browsers without a graphics card',
  'resize.js': 'The resize that the model was trained with, for pages of your own',
  'pixels.js': 'From a picture file to its pixels, for pages of your own',
}

async function writePage(directory: string): Promise<WrittenFile[]> {
  const source = webPageDirectory()
  const names = await readdir(source).catch((cause: unknown) => {
    throw new GraftError('NOT_FOUND', `The web page that goes with the export is not in ${source}.`, { action: 'Run npm start, which builds it.', cause })
  })
  await mkdir(join(directory, PAGE))
  const files: WrittenFile[] = []
  for (const name of names.sort()) {
    const target = name === 'index.html' ? name : `${PAGE}/${name}`
    await copyFile(join(source, name), join(directory, target))
    files.push({ name: target, what: WHAT[name] ?? 'Part of the page', isBeside: true })
  }
  return files
}

/** What `model.metadata` says in the browser. */
function metadataOf({ state, backbone, preprocessing }: ExportedModel): Readonly<Record<string, unknown>> {
  return {
    title: backbone.title,
    labels: state.classes,
    image_size: state.image_size,
    // Told for those who look; both are inside the graph.
    normalised_inside: { scale: 1 / 255, mean: preprocessing.mean, std: preprocessing.std },
  }
}

function exampleText(side: number): string {
  return `<!doctype html>
<!-- Serve this folder (python3 -m http.server) and open example.html: choose a picture, read the probabilities. -->
<meta charset="utf-8" />
<title>The model in a page of your own</title>
<script src="${PAGE}/tf.min.js"></script>
<script src="${PAGE}/pixels.js"></script>
<script src="${PAGE}/resize.js"></script>
<input type="file" accept="image/*" aria-label="Picture" />
<pre></pre>
<script>
  const loading = tf.loadGraphModel('model.json')
  document.querySelector('input').onchange = async ({ target }) => {
    const model = await loading
    const { pixels, width, height } = await graft.decodePicture(target.files[0])
    const resized = graft.resizeBilinearAntialiased(pixels, width, height, ${side}, ${side})
    const ${EXPORT_INPUT} = tf.tensor4d(Int32Array.from(resized), [1, ${side}, ${side}, 3], 'int32')
    const probabilities = await model.predict(${EXPORT_INPUT}).data()
    const lines = model.metadata.labels.map((label, i) => [probabilities[i], label]).sort((a, b) => b[0] - a[0])
    document.querySelector('pre').textContent = lines.map(([p, label]) => \`\${p.toFixed(4)}  \${label}\`).join('\\n')
  }
</script>
`
}

export const tfjsExporter: Exporter = {
  format: 'tfjs',

  async write(directory, model) {
    const { network, preprocessing, weights, state } = model
    const options = { network, imageSize: state.image_size, preprocessing, weights }
    const { modelJson, shards } = compileTfjsExport({ ...options, generatedBy: `Graft ${installedVersion()}`, metadata: metadataOf(model) })
    await writeVerified(join(directory, 'model.json'), Buffer.from(modelJson))
    for (const { name, content } of shards) await writeVerified(join(directory, name), content)
    return [
      { name: 'model.json', what: 'TensorFlow.js graph model: int32 pictures of 0…255 in, probabilities out' },
      ...shards.map(({ name }) => ({ name, what: 'Its weights' })),
      ...(await writePage(directory)),
    ]
  },

  async open(directory, { state }) {
    const model = await openTfjsGraphModel(directory)
    const { image_size: side, num_classes: classes } = state
    return {
      runtime: model.runtime,
      takes: 'resized',
      async probabilities({ pixels, count }) {
        const values = model.probabilities(pixels, count, side)
        return answerRows(values, count, classes, 'model.json')
      },
      async close() {
        model.close()
      },
    }
  },

  example: ({ state }) => ({ file: 'example.html', language: 'html', text: exampleText(state.image_size) }),
}
