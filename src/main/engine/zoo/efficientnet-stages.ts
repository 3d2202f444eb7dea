/** The stages of EfficientNet-B0 (Tan and Le 2019, table 1), which its larger versions scale and its Lite versions keep. */
export interface StageRow {
  readonly expansion: 1 | 6
  readonly kernel: 3 | 5
  /** Of the stage's first block; the others have stride 1. */
  readonly stride: 1 | 2
  readonly out: number
  readonly repeats: number
}

export const STAGES: readonly StageRow[] = [
  { expansion: 1, kernel: 3, stride: 1, out: 16, repeats: 1 }, // 112×112 in, for 224×224 pictures
  { expansion: 6, kernel: 3, stride: 2, out: 24, repeats: 2 },
  { expansion: 6, kernel: 5, stride: 2, out: 40, repeats: 2 }, // 56×56
  { expansion: 6, kernel: 3, stride: 2, out: 80, repeats: 3 }, // 28×28
  { expansion: 6, kernel: 5, stride: 1, out: 112, repeats: 3 }, // 14×14
  { expansion: 6, kernel: 5, stride: 2, out: 192, repeats: 4 },
  { expansion: 6, kernel: 3, stride: 1, out: 320, repeats: 1 }, // 7×7
]
