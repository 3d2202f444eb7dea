/** The first step: a folder of pictures becomes classes, a split, and what is worth knowing about them. */
import { useDataset } from '../../state/dataset'
import { AskToUpload, FailedDataset, OpeningDataset, UploadingDataset } from './dataset-work'
import { EmptyDataset } from './empty-dataset'
import { OpenDataset } from './open-dataset'

export function DatasetScreen() {
  const state = useDataset((store) => store.state)
  switch (state.kind) {
    case 'none':
      return <EmptyDataset />
    case 'opening':
      return <OpeningDataset title={state.title} progress={state.progress} />
    case 'asking':
      return <AskToUpload dropped={state.dropped} />
    case 'uploading':
      return <UploadingDataset state={state} />
    case 'failed':
      return <FailedDataset failure={state.failure} retry={state.retry} />
    case 'open':
      return <OpenDataset key={state.summary.datasetId} summary={state.summary} isSplitting={state.isSplitting} />
  }
}
