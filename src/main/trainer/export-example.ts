/** The example that goes with an export. */

/** A short Python program: TensorFlow and Pillow, a picture in, the most probable class out. */
export function exampleScript(imageSize: number): string {
  return `# pip install tensorflow pillow numpy      python example.py picture.jpg
import sys
import numpy as np
import tensorflow as tf
from PIL import Image, ImageOps

model = tf.saved_model.load("saved_model").signatures["serving_default"]
labels = open("labels.txt", encoding="utf-8").read().splitlines()
picture = ImageOps.exif_transpose(Image.open(sys.argv[1])).convert("RGB").resize((${imageSize}, ${imageSize}), Image.BILINEAR)
probabilities = model(pictures=tf.constant(np.asarray(picture)[None]))["probabilities"][0].numpy()
for i in probabilities.argsort()[::-1]:
    print(f"{labels[i]}  {probabilities[i]:.4f}")
`
}
