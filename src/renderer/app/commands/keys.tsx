/** Keys as they stand on the keyboard. */
import { t } from '@lingui/core/macro'
import { Fragment } from 'react'
import { keyWords } from './shortcuts'
import classes from './commands.module.css'

export function Keys(props: { keys: readonly string[] }) {
  return (
    <span className={classes.keys}>
      {props.keys.map((key, place) => (
        <Fragment key={key}>
          {place > 0 && <span className="visually-hidden"> {t`then`} </span>}
          {keyWords(key).map((word) => (
            <kbd key={word} className={classes.key}>
              {word}
            </kbd>
          ))}
        </Fragment>
      ))}
    </span>
  )
}
