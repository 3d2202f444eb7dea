/**
 * Which labels are probably wrong: confident learning (Northcutt, Jiang & Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR 2021). It wants
 * probabilities of a model that has not learned from the pictures it is asked about.
 */
export interface ConfidentLearning {
  /** For each class how sure of it the model is on average of pictures with its label; 1 where no picture has it. */
  readonly thresholds: number[]
  /** [label][class]: pictures with the label that the model is confident are of the class. */
  readonly joint: number[][]
  readonly suspects: Suspect[]
}

export interface Suspect {
  readonly picture: number
  readonly label: number
  /** What the picture is confidently taken for. */
  readonly guess: number
  /** Probability of the label less that of the likeliest other class: −1 (surely wrong) to 1. */
  readonly margin: number
}

/** As in cleanlab: a model as sure as its mean is confident, whatever rounding says. */
const ROUNDING = 1e-6

/**
 * A picture is counted in the joint for the class whose threshold its probability reaches; where several do, for the likeliest of all classes. Off the diagonal it is suspected, unless
 * its label is still the likeliest class.
 *
 * @param probabilities [pictures][classes]
 * @returns suspects by their normalised margin, lowest first
 */
export function confidentLearning(probabilities: readonly (readonly number[])[], labels: ArrayLike<number>, classes: number): ConfidentLearning {
  const sums = new Array<number>(classes).fill(0)
  const counts = new Array<number>(classes).fill(0)
  probabilities.forEach((row, picture) => {
    const label = labels[picture] as number
    sums[label] = (sums[label] ?? 0) + (row[label] ?? 0)
    counts[label] = (counts[label] ?? 0) + 1
  })
  const thresholds = sums.map((sum, k) => (counts[k] === 0 ? 1 : sum / (counts[k] as number)))
  const joint = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  const suspects: Suspect[] = []
  probabilities.forEach((row, picture) => {
    const label = labels[picture] as number
    const confident = row.flatMap((probability, k) => (probability >= (thresholds[k] as number) - ROUNDING ? [k] : []))
    if (confident.length === 0) return
    const likeliest = indexOfLargest(row)
    const guess = confident.length > 1 ? likeliest : (confident[0] as number)
    const counted = joint[label] as number[]
    counted[guess] = (counted[guess] ?? 0) + 1
    if (guess !== label && likeliest !== label) suspects.push({ picture, label, guess, margin: normalizedMargin(row, label) })
  })
  return { thresholds, joint, suspects: suspects.sort((a, b) => a.margin - b.margin || a.picture - b.picture) }
}

/** Probability of the label less that of the likeliest other class. */
export function normalizedMargin(probabilities: readonly number[], label: number): number {
  let other = 0
  probabilities.forEach((probability, k) => {
    if (k !== label && probability > other) other = probability
  })
  return (probabilities[label] ?? 0) - other
}

function indexOfLargest(row: readonly number[]): number {
  let best = 0
  row.forEach((value, k) => {
    if (value > (row[best] as number)) best = k
  })
  return best
}
