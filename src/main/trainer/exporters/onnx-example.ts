/** The Python program that goes with an ONNX export. */

const HEAD = `# pip install onnxruntime pillow numpy      python example.py picture.jpg
import json
import pathlib
import sys

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

session = onnxruntime.InferenceSession(pathlib.Path(__file__).with_name("model.onnx"), providers=["CPUExecutionProvider"])
labels = json.loads(session.get_modelmeta().custom_metadata_map["labels"])
`

const TAIL = `probabilities = session.run(["probabilities"], {"pictures": np.asarray(picture)[None]})[0][0]
for i in probabilities.argsort()[::-1]:
    print(f"{labels[i]}  {probabilities[i]:.4f}")
`

/** onnxruntime and Pillow: a picture in, the labels with their probabilities out, the most probable first. */
export function onnxExample(imageSize: number, preprocessingInside: boolean): string {
  const upright = '# The model takes RGB pixels: turning the picture upright (EXIF) and converting its colours stay outside.'
  const opened = 'ImageOps.exif_transpose(Image.open(sys.argv[1])).convert("RGB")'
  const picture = preprocessingInside ? `picture = ${opened}  # of any size` : `picture = ${opened}.resize((${imageSize}, ${imageSize}), Image.BILINEAR)`
  return `${HEAD}${upright}\n${picture}\n${TAIL}`
}
