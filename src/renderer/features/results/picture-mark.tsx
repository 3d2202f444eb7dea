/** What was decided about a picture, on the picture. */
import { IconArrowRight, IconBan, IconCheck } from '@tabler/icons-react'
import type { PictureMark } from '../../../shared/domain/fix-since'
import classes from './picture-actions.module.css'

const ICONS = { excluded: IconBan, relabelled: IconArrowRight, fine: IconCheck } as const

/** `excluded`, `relabelled as grass`, `said to be fine`. */
export function markWords({ mark, toClass }: PictureMark): string {
  return mark === 'excluded' ? 'excluded' : mark === 'relabelled' ? `relabelled as ${toClass ?? ''}` : 'said to be fine'
}

export function PictureMarkBadge({ mark, isShort = false }: { mark: PictureMark; isShort?: boolean }) {
  const Icon = ICONS[mark.mark]
  const long = mark.mark === 'excluded' ? 'Excluded' : mark.mark === 'fine' ? 'Fine' : isShort ? (mark.toClass ?? '') : `Now ${mark.toClass ?? ''}`
  return (
    <span className={classes.badge} data-mark={mark.mark} title={markWords(mark)}>
      <Icon size={12} aria-hidden />
      <span className="ellipsis">{long}</span>
    </span>
  )
}
