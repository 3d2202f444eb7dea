/** A small picture that comes when it is scrolled to. What cannot be shown leaves a quiet mark, not a broken image. */
import { t } from '@lingui/core/macro'
import { IconPhotoOff } from '@tabler/icons-react'
import { useState } from 'react'
import classes from './picture-tile.module.css'

export function PictureTile(props: { url: string; alt: string }) {
  const { url, alt } = props
  const [failedUrl, setFailedUrl] = useState<string | null>(null)
  return (
    <span className={classes.tile}>
      {failedUrl === url ? (
        <IconPhotoOff size={16} role="img" aria-label={alt === '' ? t`Cannot be shown` : t`${{ picture: alt }}: cannot be shown`} />
      ) : (
        <img src={url} alt={alt} loading="lazy" decoding="async" draggable={false} onError={() => setFailedUrl(url)} />
      )}
    </span>
  )
}
