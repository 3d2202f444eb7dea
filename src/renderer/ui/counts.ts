/** How many of what, in words; inside a longer sentence `plural` stands in that sentence. */
import { plural } from '@lingui/core/macro'

/** `1 picture`, `5,412 pictures`. */
export const pictureCount = (count: number): string => plural(count, { one: '# picture', other: '# pictures' })
export const classCount = (count: number): string => plural(count, { one: '# class', other: '# classes' })
export const runCount = (count: number): string => plural(count, { one: '# run', other: '# runs' })
export const epochCount = (count: number): string => plural(count, { one: '# epoch', other: '# epochs' })
export const stageCount = (count: number): string => plural(count, { one: '# stage', other: '# stages' })
export const fileCount = (count: number): string => plural(count, { one: '# file', other: '# files' })
