/** The picture whose views are looked at, kept for each dataset while the window is open, over a reload too. */
import { create } from 'zustand'
import { z } from 'zod'
import { client } from './host'

const chosenSchema = z.object({
  path: z.string(),
  /** Among the training pictures of the class; of all where that is null. */
  place: z.int().nonnegative(),
  total: z.int().positive(),
  classIndex: z.int().nonnegative().nullable(),
})
export type ChosenPicture = z.infer<typeof chosenSchema>
const keptSchema = z.record(z.string(), chosenSchema)
const STORAGE_KEY = 'graft.preview'

function remembered(): Record<string, ChosenPicture> {
  try {
    return keptSchema.safeParse(JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? '{}')).data ?? {}
  } catch {
    return {} // storage may be blocked; the first picture is shown then
  }
}

export const usePreviewPicture = create<{ readonly byDataset: Readonly<Record<string, ChosenPicture>> }>(() => ({ byDataset: remembered() }))

function keep(datasetId: string, chosen: ChosenPicture | null): void {
  const { [datasetId]: _, ...others } = usePreviewPicture.getState().byDataset
  const byDataset = chosen === null ? others : { ...others, [datasetId]: chosen }
  usePreviewPicture.setState({ byDataset })
  try {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(byDataset))
  } catch {
    // this window still has it
  }
}

export type Step = 'first' | 'previous' | 'next' | 'random'

/** The place to go to; the ends lead to each other. */
export function stepped(step: Step, { place, total }: { place: number; total: number }, random = Math.random): number {
  if (total <= 1 || step === 'first') return 0
  if (step === 'next') return (place + 1) % total
  if (step === 'previous') return (place + total - 1) % total
  // Any but the one that is shown.
  return (place + 1 + Math.floor(random() * (total - 1))) % total
}

/** Chooses another training picture. @throws what the call does */
export async function choosePicture(datasetId: string, step: Step, classIndex: number | null = usePreviewPicture.getState().byDataset[datasetId]?.classIndex ?? null): Promise<void> {
  const before = usePreviewPicture.getState().byDataset[datasetId]
  const from = before?.classIndex === classIndex ? before : { place: 0, total: 0 }
  const at = async (offset: number) => client().datasets.pictures({ datasetId, classIndex, split: 'train', offset, limit: 1 })
  const place = stepped(step, from)
  let answer = await at(place)
  // There are fewer by now.
  if (answer.pictures.length === 0 && answer.total > 0) answer = await at(0)
  const [picture] = answer.pictures
  keep(datasetId, picture === undefined ? null : { path: picture.path, place: Math.min(place, answer.total - 1), total: answer.total, classIndex })
}
