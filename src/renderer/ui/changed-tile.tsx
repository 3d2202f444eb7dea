/** A picture with two answers below it, the earlier one first. */
import classes from './changed-tile.module.css'
import { PictureTile } from './picture-tile'

export interface TileAnswer {
  text: string
  isRight: boolean
}

export function ChangedTile(props: { url: string; label: string; answers: readonly TileAnswer[]; onOpen: () => void }) {
  const { url, label, answers, onOpen } = props
  return (
    <button type="button" className={classes.tile} aria-label={label} onClick={onOpen}>
      <span className={classes.image}>
        <PictureTile url={url} alt="" />
      </span>
      <span className={classes.caption}>
        {answers.map(({ text, isRight }, index) => (
          <span key={index} className="ellipsis" title={text} data-wrong={!isRight || undefined}>
            {text}
            {isRight && ' ✓'}
          </span>
        ))}
      </span>
    </button>
  )
}
