/** What fetching weights would mean, before anything goes out; then how far it is, and what went wrong. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, Modal, TextInput } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { useState, type ReactNode, type SyntheticEvent } from 'react'
import { type BackboneCard, chosenWeights, type WeightsFile } from '../../../shared/domain/model'
import type { RunConfig } from '../../../shared/domain/run-config'
import { setSetting } from '../../state/draft'
import { host } from '../../state/host'
import { askForWeights, cancelFetch, closeWeightsDialog, fetchWeights, useWeights, type WeightsFetch } from '../../state/weights'
import { ChoiceCard, ChoiceCards } from '../../ui/choice-cards'
import { FailurePanel } from '../../ui/failure-panel'
import { formatBytes } from '../../ui/format'
import { ProgressLine } from '../../ui/progress-line'
import classes from './weights-dialog.module.css'
import { accuracyWords, fetchWords, generationLabel, missingBytes, weightsSetting } from './weights-words'

interface DialogProps {
  cards: readonly BackboneCard[]
  config: RunConfig
  onRandomStart: () => void
}

export function WeightsDialog({ cards, config, onRandomStart }: DialogProps) {
  const backbone = useWeights((state) => state.dialog)
  const card = cards.find(({ name }) => name === backbone)
  return (
    <Modal opened={card !== undefined} onClose={closeWeightsDialog} title={card === undefined ? '' : t`Weights of ${{ network: card.title }}`} size={600}>
      {card !== undefined && <Offer card={card} config={config} onRandomStart={onRandomStart} />}
    </Modal>
  )
}

function Offer({ card, config, onRandomStart }: { card: BackboneCard; config: RunConfig; onRandomStart: () => void }) {
  const { files, failure, fetch } = useWeights()
  const [isFile, setIsFile] = useState(false)
  const own = files?.filter((file) => file.backbone === card.name) ?? []
  const wanted = chosenWeights(card, config.weights) ?? card.weights.at(-1)
  const file = own.find(({ name }) => name === wanted?.name)
  const isBusy = fetch.kind === 'busy' && fetch.backbone === card.name
  const isOtherBusy = fetch.kind === 'busy' && !isBusy

  if (failure !== null) return <FailurePanel failure={failure} />
  if (file === undefined || wanted === undefined) {
    return (
      <p className="meta">
        <Trans>Looking</Trans>
      </p>
    )
  }
  const start = (): void => void fetchWeights({ backbone: card.name, name: file.name })
  return (
    <div className={classes.offer}>
      <p className={classes.words}>{introduction(file, fetch.kind !== 'idle' && fetch.backbone === card.name ? fetch.kind : 'idle')}</p>
      {own.length > 1 && (
        <ChoiceCards label={t`Generation`} className={classes.generations}>
          {own.map((one) => (
            <ChoiceCard
              key={one.name}
              group="generation"
              value={one.name}
              label={generationLabel(one.name)}
              isChosen={one.name === file.name}
              isDisabled={isBusy}
              onChoose={() => setSetting('weights', weightsSetting(one))}
            >
              <span className="strong">
                {generationLabel(one.name)}
                {one.isDefault && ` · ${t`newest`}`}
              </span>
              <span className={classes.words}>{accuracyWords(one) ?? t`Accuracy not published`}</span>
              <span className="meta">{one.isPresent ? t`On this machine` : formatBytes(one.sizeBytes)}</span>
            </ChoiceCard>
          ))}
        </ChoiceCards>
      )}
      <Facts file={file} sha256Prefix={wanted.sha256Prefix} />
      {fetch.kind === 'failed' && fetch.backbone === card.name && (
        <FailurePanel title={t`The weights did not come`} failure={fetch.failure} onClose={() => askForWeights(card.name)}>
          <Button onClick={start}>
            <Trans>Try again</Trans>
          </Button>
        </FailurePanel>
      )}
      {isBusy ? (
        <div className={classes.busy}>
          <ProgressLine label={t`Fetching weights`} share={fetch.progress === null ? null : fetch.progress.done / fetch.progress.total} isTall />
          <p className="meta" role="status">
            {fetchWords(fetch, performance.now())}
          </p>
          <div className={classes.buttons}>
            <Button variant="default" onClick={closeWeightsDialog}>
              <Trans>Go on in the background</Trans>
            </Button>
            <Button variant="default" onClick={cancelFetch}>
              <Trans>Cancel</Trans>
            </Button>
          </div>
        </div>
      ) : file.isPresent ? (
        <div className={classes.line}>
          <p className={classes.here} role="status">
            <IconCheck size={16} aria-hidden /> <Trans>On this machine</Trans>
          </p>
          <Button data-autofocus onClick={closeWeightsDialog}>
            <Trans>Done</Trans>
          </Button>
        </div>
      ) : isFile ? (
        <OwnFile onClose={() => setIsFile(false)} />
      ) : (
        <div className={classes.buttons}>
          {fetch.kind !== 'failed' && file.url !== null && (
            <Button data-autofocus disabled={isOtherBusy} onClick={start}>
              <Trans>Fetch {{ size: formatBytes(missingBytes(file)) }}</Trans>
            </Button>
          )}
          <Button variant="default" onClick={() => setIsFile(true)}>
            <Trans>Use a file</Trans>
          </Button>
          <Button variant="default" onClick={() => (onRandomStart(), closeWeightsDialog())}>
            <Trans>Start from random weights</Trans>
          </Button>
          {isOtherBusy && (
            <span className="meta">
              <Trans>Another file is being fetched; wait for its end.</Trans>
            </span>
          )}
        </div>
      )}
    </div>
  )
}

function introduction({ isPresent, url }: WeightsFile, kind: WeightsFetch['kind']): string {
  if (isPresent) return t`These weights are here and work without a network, in every project.`
  if (kind === 'busy') return t`This file is being fetched. It is used only once it is whole and its hash is the published one.`
  if (url === null) return t`These weights come with set-up: run npm start once, or put the file where it is kept.`
  if (kind === 'failed') return t`This was to be fetched:`
  return t`Nothing has gone out yet. This is what would be fetched:`
}

function Facts({ file, sha256Prefix }: { file: WeightsFile; sha256Prefix: string }) {
  const size = formatBytes(file.sizeBytes)
  const start = sha256Prefix.slice(0, 8)
  return (
    <dl className={classes.facts}>
      {file.url !== null && (
        <Fact name={t`From`}>
          <span className="mono">{file.url}</span>
        </Fact>
      )}
      <Fact name={t`Size`}>
        {file.partBytes === 0 ? size : t`${size}, of which ${{ part: formatBytes(file.partBytes) }} are here already`}
      </Fact>
      <Fact name={t`Licence`}>{file.licence}</Fact>
      <Fact name={t`Checked`}>
        <Trans>
          sha256 begins with <span className="mono">{start}</span>
        </Trans>
      </Fact>
      <Fact name={t`Kept at`}>
        <span className={`mono ${classes.path}`}>{file.path}</span>
        {!file.isPresent && (
          <span className={`meta ${classes.hint}`}>
            <Trans>A file put there by hand is found as well.</Trans>
          </span>
        )}
      </Fact>
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}

function OwnFile({ onClose }: { onClose: () => void }) {
  const [path, setPath] = useState('')
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault()
    if (path.trim() === '') return
    setSetting('weights', path.trim())
    closeWeightsDialog()
  }
  return (
    <form className={classes.own} onSubmit={submit}>
      <TextInput
        label={host().door === 'desktop' ? t`Path of the file` : t`Path of the file on the machine that serves this studio`}
        placeholder={t`A .pth or .safetensors file of this network`}
        value={path}
        spellCheck={false}
        autoFocus
        onChange={(event) => setPath(event.currentTarget.value)}
      />
      <div className={classes.buttons}>
        <Button type="submit" disabled={path.trim() === ''}>
          <Trans>Use it</Trans>
        </Button>
        <Button variant="default" onClick={onClose}>
          <Trans>Back</Trans>
        </Button>
      </div>
    </form>
  )
}
