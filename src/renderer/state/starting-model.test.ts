import { expect, test } from 'vitest'
import { bestWeightsPath, runOfWeights } from './starting-model'

test.each(['/data/runs/20260101-lab', 'C:\\data\\runs\\20260101-lab'])('the run of the best weights below %s is told from their path', (directory) => {
  expect(runOfWeights(bestWeightsPath(directory), null)).toEqual({ folder: '20260101-lab', record: null })
})

test.each(['imagenet', 'none', '/weights/resnet18.pth', 'weights.safetensors', 'checkpoints/best/weights.safetensors'])('%s is no run’s', (weights) => {
  expect(runOfWeights(weights, null)).toBeNull()
})
