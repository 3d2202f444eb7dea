// Pictures for bench/: Graft's own sample maker. Loaded by Vite.
import { makeSampleDataset } from '../../src/main/dataset/sample'

export async function makeSample({ directory, perClass }) {
  return { directory: await makeSampleDataset(directory, { perClass }) }
}
