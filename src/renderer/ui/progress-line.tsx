/** A hairline of progress. Without a share it says only that something is at work. */
import classes from './progress-line.module.css'

export function ProgressLine(props: { label: string; share: number | null; isTall?: boolean }) {
  const { label, share, isTall } = props
  const percent = share === null ? null : Math.max(0, Math.min(100, share * 100))
  return (
    <div
      className={classes.track}
      data-tall={isTall === true || undefined}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(percent === null ? {} : { 'aria-valuenow': Math.round(percent) })}
    >
      <div className={percent === null ? classes.unknown : classes.fill} style={percent === null ? undefined : { transform: `scaleX(${percent / 100})` }} />
    </div>
  )
}

/** One short segment an epoch, filled as it goes; merges into one bar when there are too many to tell apart. */
export function EpochLine(props: { label: string; done: number; planned: number; best: number | null; /** First epochs of the stages after the first. */ starts?: readonly number[] }) {
  const { label, done, planned, best, starts = [] } = props
  if (planned > 80) return <ProgressLine label={label} share={planned === 0 ? null : done / planned} isTall />
  return (
    <div className={classes.epochs} role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={planned} aria-valuenow={Math.floor(done)}>
      {Array.from({ length: planned }, (_, index) => (
        <div key={index} className={classes.epoch} data-best={best === index + 1 || undefined} data-start={starts.includes(index + 1) || undefined}>
          <div className={classes.fill} style={{ transform: `scaleX(${Math.max(0, Math.min(1, done - index))})` }} />
        </div>
      ))}
    </div>
  )
}
