/** The mark of a step on the rail's line: hollow, ready, a ring that fills, done, or asking. */
import type { StepState } from './steps'

const RADIUS = 6
const LENGTH = 2 * Math.PI * RADIUS

export function StepMark(props: { state: StepState; isCurrent: boolean }) {
  const { state } = props
  return (
    <svg width={18} height={18} viewBox="-9 -9 18 18" fill="none" aria-hidden data-mark={state.mark} data-current={props.isCurrent || undefined}>
      {state.mark === 'empty' && <circle r={4} stroke="var(--line-strong)" strokeWidth={1.5} fill="var(--ground)" />}
      {state.mark === 'ready' && <circle r={4.5} stroke="var(--accent)" strokeWidth={2} fill="var(--ground)" />}
      {state.mark === 'done' && (
        <>
          <circle r={7} fill="var(--accent)" />
          <path d="M-3 0.2 L-0.9 2.3 L3.1 -2.1" stroke="var(--on-accent)" strokeWidth={1.75} strokeLinecap="round" strokeLinejoin="round" />
        </>
      )}
      {state.mark === 'needs-you' && (
        <>
          <circle r={7} fill="var(--amber)" />
          <path d="M0 -3.4 V0.8 M0 3.3 V3.4" stroke="var(--ground)" strokeWidth={1.9} strokeLinecap="round" />
        </>
      )}
      {state.mark === 'busy' && (
        <>
          <circle r={RADIUS} stroke="var(--line-strong)" strokeWidth={2.5} fill="var(--ground)" />
          <circle
            r={RADIUS}
            stroke="var(--accent)"
            strokeWidth={2.5}
            strokeLinecap="round"
            strokeDasharray={`${Math.max(0.02, state.share ?? 0.25) * LENGTH} ${LENGTH}`}
            transform="rotate(-90)"
          >
            {state.share === null && <animateTransform attributeName="transform" type="rotate" from="-90" to="270" dur="1.4s" repeatCount="indefinite" />}
          </circle>
        </>
      )}
    </svg>
  )
}
