/** The way through the work, and the two places beside it. */
import { plural, t } from '@lingui/core/macro'
import { Plural, Trans } from '@lingui/react/macro'
import { IconDoorExit, IconList, IconSettings } from '@tabler/icons-react'
import { isLive } from '../../shared/domain/run'
import { useDataset } from '../state/dataset'
import { useDraft } from '../state/draft'
import { useExport } from '../state/export'
import { useMachine } from '../state/machine'
import { usePlace } from '../state/place'
import { formatRoute, type Screen, withTrying } from '../state/route'
import { useRun } from '../state/run'
import { leave } from './leave-state'
import classes from './rail.module.css'
import { StepMark } from './step-mark'
import { STEPS, stepStates, type Step } from './steps'

const NAMES: Readonly<Record<Step, string>> = { dataset: t`Dataset`, configure: t`Configure`, train: t`Train`, results: t`Results`, export: t`Export` }

export function Rail() {
  const place = usePlace()
  const dataset = useDataset((store) => store.state)
  const preset = useDraft((draft) => draft.preset)
  const changes = useDraft((draft) => draft.changes)
  const run = useRun((open) => open.record)
  const view = useRun((open) => open.view)
  const exports = useExport(({ batch }) => batch)
  const runs = useMachine((machine) => machine.runs)
  const live = runs?.filter((record) => isLive(record.status)).length ?? 0
  const queued = runs?.filter((record) => record.status === 'queued').length ?? 0
  const states = stepStates({ dataset, draft: { preset, changes }, run, view, exports })

  const link = (screen: Screen) => ({
    href: withTrying(formatRoute(screen, place), { ...place, screen }),
    // Comparing is reached from the runs, and leads back to them.
    'aria-current': place.screen === screen ? ('page' as const) : place.screen === 'compare' && screen === 'runs' ? ('true' as const) : undefined,
  })

  return (
    <nav aria-label={t`Studio`} className={classes.rail}>
      <div className={classes.brand}>
        <svg width={20} height={20} viewBox="0 0 32 32" aria-hidden fill="none" stroke="var(--accent)" strokeWidth={2.75} strokeLinecap="round" strokeLinejoin="round">
          <path d="M16 29V15M16 22C9.500 22 5.500 18 5.500 11.500 12.500 11.500 16 15.500 16 22ZM16 16c0-7 4-11.500 11.500-11.500C27.500 12 23.500 16 16 16Z" />
        </svg>
        Graft
      </div>
        <ol className={classes.steps}>
          {STEPS.map((step) => (
            <li key={step}>
              <a {...link(step)} className={classes.step} aria-label={NAMES[step]} aria-describedby={`step-${step}`}>
                <StepMark state={states[step]} isCurrent={place.screen === step} />
                <span className={classes.words}>
                  <span className={classes.name}>{NAMES[step]}</span>
                  <span className={`meta ellipsis ${classes.text ?? ''}`} id={`step-${step}`} data-mark={states[step].mark}>
                    {states[step].text}
                  </span>
                </span>
              </a>
            </li>
          ))}
        </ol>
        <ul className={classes.places}>
          <li>
            <a {...link('runs')} className={classes.place} aria-label={t`Runs`} aria-describedby="place-runs">
              <IconList size={18} stroke={1.6} aria-hidden />
              <span className={classes.name}><Trans>Runs</Trans></span>
              <span className="meta" id="place-runs">
                {runs !== null && <RunsAtHand live={live} queued={queued} all={runs.length} />}
              </span>
            </a>
          </li>
          <li>
            <a {...link('settings')} className={classes.place}>
              <IconSettings size={18} stroke={1.6} aria-hidden />
              <span className={classes.name}><Trans>Settings</Trans></span>
            </a>
          </li>
        </ul>
      <button type="button" className={classes.place} onClick={() => leave(live > 0)}>
        <IconDoorExit size={18} stroke={1.6} aria-hidden />
        <span className={classes.name}><Trans>Leave</Trans></span>
      </button>
    </nav>
  )
}

/** How many are at work, else how many there are; whoever hears it is told of how many. */
function RunsAtHand({ live, queued, all }: { live: number; queued: number; all: number }) {
  if (live > 0 && queued > 0) {
    // prettier-ignore
    return <Trans>{live} live +{queued}<span className="visually-hidden"> queued of <Plural value={all} one="# run" other="# runs" /></span></Trans>
  }
  if (live > 0) return <Trans>{live} live<span className="visually-hidden"> of <Plural value={all} one="# run" other="# runs" /></span></Trans> // prettier-ignore
  if (queued > 0) return <Trans>{queued} queued<span className="visually-hidden"> of <Plural value={all} one="# run" other="# runs" /></span></Trans> // prettier-ignore
  return (
    <>
      {all > 0 && all}
      <span className="visually-hidden"> {plural(all, { one: 'of # run', other: 'of # runs' })}</span>
    </>
  )
}
