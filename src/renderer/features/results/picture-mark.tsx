/** What was decided about a picture, on the picture. */
import { t } from '@lingui/core/macro'
import { IconArrowRight, IconBan, IconCheck } from '@tabler/icons-react'
import type { PictureMark } from '../../../shared/domain/fix-since'
import classes from './picture-actions.module.css'

const ICONS = { excluded: IconBan, relabelled: IconArrowRight, fine: IconCheck } as const

/** `excluded`, `relabelled as grass`, `said to be fine`. */
export function markWords({ mark, toClass }: PictureMark): string {
  return mark === 'excluded' ? t`excluded` : mark === 'relabelled' ? t`relabelled as ${{ name: toClass ?? '' }}` : t`said to be fine`
}

export function PictureMarkBadge({ mark, isShort = false }: { mark: PictureMark; isShort?: boolean }) {
  const Icon = ICONS[mark.mark]
  const long = mark.mark === 'excluded' ? t`Excluded` : mark.mark === 'fine' ? t`Fine` : isShort ? (mark.toClass ?? '') : t`Now ${{ name: mark.toClass ?? '' }}`
  return (
    <span className={classes.badge} data-mark={mark.mark} title={markWords(mark)}>
      <Icon size={12} aria-hidden />
      <span className="ellipsis">{long}</span>
    </span>
  )
}
