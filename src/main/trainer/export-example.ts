/** The Python programs that go with exports: a picture in, the classes out, most probable first. They run as they are. */
import type { ExportedModel } from './exporters/exporter'

/** How a picture file becomes the square that the network sees: what every example must do alike. */
function pictureLine(imageSize: number): string {
  return `picture = ImageOps.exif_transpose(Image.open(sys.argv[1])).convert("RGB").resize((${imageSize}, ${imageSize}), Image.BILINEAR)`
}

/** Not from labels.txt: a name may hold a line's end. */
const LABELS_LINE = 'labels = json.loads((folder / "model_info.json").read_text(encoding="utf-8"))["labels"]'

/** TensorFlow and the SavedModel, which normalises by itself. */
export function tensorflowExample({ state }: ExportedModel): string {
  return `# pip install tensorflow pillow numpy      python example.py picture.jpg
import json
import pathlib
import sys
import numpy as np
import tensorflow as tf
from PIL import Image, ImageOps

folder = pathlib.Path(__file__).parent
model = tf.saved_model.load(str(folder / "saved_model")).signatures["serving_default"]
${LABELS_LINE}
${pictureLine(state.image_size)}
probabilities = model(pictures=tf.constant(np.asarray(picture)[None]))["probabilities"][0].numpy()
for i in probabilities.argsort()[::-1]:
    print(f"{labels[i]}  {probabilities[i]:.4f}")
`
}

/** A line that builds the network in Python, what it imports and what has to be installed. */
interface PythonNetwork {
  readonly package: string
  readonly imports: string
  readonly build: string
}

/** Families that torchvision does not have, by the beginning of their names. */
const OTHER_FAMILIES: readonly { readonly prefix: string; readonly network: (name: string, classes: number, imageSize: number) => PythonNetwork }[] = [
  {
    prefix: 'efficientnet_lite',
    network: (name, classes, imageSize) => ({
      package: 'efficientnet_lite_pytorch',
      imports: 'from efficientnet_lite_pytorch import EfficientNet',
      // The padding of its convolutions depends on the size of the pictures.
      build: `EfficientNet.from_name("${name.replace('_', '-')}", num_classes=${classes}, image_size=${imageSize})`,
    }),
  },
]

function pythonNetwork({ backbone, state }: ExportedModel): PythonNetwork {
  const other = OTHER_FAMILIES.find(({ prefix }) => backbone.name.startsWith(prefix))
  if (other !== undefined) return other.network(backbone.name, state.num_classes, state.image_size)
  return { package: 'torchvision', imports: 'import torchvision', build: `torchvision.models.${backbone.name}(num_classes=${state.num_classes})` }
}

/** The lines that put the heads `mlp` and `deep` in the place of the published one; none for the published one. */
function headLines({ backbone, network, state }: ExportedModel): string[] {
  if (state.head === 'linear') return []
  const sizes = network.layers.flatMap((layer) => (layer.kind === 'linear' && layer.name.startsWith(`${backbone.headModule}.`) ? [[layer.in, layer.out] as const] : []))
  const modules = sizes.flatMap(([input, output], index) => {
    const isLast = index === sizes.length - 1
    const norm = state.head === 'deep' ? [`nn.BatchNorm1d(${output})`] : []
    return [`nn.Dropout(${index === 0 ? state.dropout : state.dropout / 2})`, `nn.Linear(${input}, ${output})`, ...(isLast ? [] : ['nn.ReLU()', ...norm])]
  })
  return [`net.${backbone.headModule} = nn.Sequential(`, ...modules.map((line) => `    ${line},`), ')']
}

/** PyTorch: the network's own class, strict loading, the picture normalised as in training. */
export function pytorchExample(model: ExportedModel, weights: 'pth' | 'safetensors'): string {
  const { package: networkPackage, imports, build } = pythonNetwork(model)
  const head = headLines(model)
  const isSafe = weights === 'safetensors'
  const packages = ['torch', 'pillow', 'numpy', ...(isSafe ? ['safetensors'] : []), networkPackage]
  const load = isSafe ? 'load_file(folder / "model.safetensors")' : 'torch.load(folder / "model.pth", weights_only=True)'
  const list = (values: readonly number[]) => `[${values.join(', ')}]`
  const lines = [
    `# pip install ${packages.join(' ')}      python example.py picture.jpg`,
    'import json',
    'import pathlib',
    'import sys',
    'import numpy as np',
    'import torch',
    imports,
    'from PIL import Image, ImageOps',
    ...(isSafe ? ['from safetensors.torch import load_file'] : []),
    ...(head.length > 0 ? ['from torch import nn'] : []),
    '',
    'folder = pathlib.Path(__file__).parent',
    LABELS_LINE,
    `net = ${build}`,
    ...head,
    `net.load_state_dict(${load})`,
    'net.eval()',
    '',
    pictureLine(model.state.image_size),
    'pixels = torch.from_numpy(np.array(picture)).permute(2, 0, 1) / 255',
    `mean, std = torch.tensor([${list(model.preprocessing.mean)}, ${list(model.preprocessing.std)}])[:, :, None, None]`,
    'with torch.inference_mode():',
    '    probabilities = net(((pixels - mean) / std)[None])[0].softmax(0)',
    'for i in probabilities.argsort(descending=True).tolist():',
    '    print(f"{labels[i]}  {probabilities[i]:.4f}")',
  ]
  return `${lines.join('\n')}\n`
}
