/** The record that a run begins with. */
import { basename } from 'node:path'
import type { Manifest } from '../../shared/domain/dataset'
import type { RunRecord } from '../../shared/domain/run'
import type { RunConfig } from '../../shared/domain/run-config'
import { totalEpochs } from '../../shared/domain/stages'
import { manifestCounts } from '../dataset/split'
import { newRunId } from './run-id'

export interface NewRunRequest {
  /** Empty or null: named after the dataset. */
  readonly name: string | null
  readonly preset: string | null
  readonly config: RunConfig
  readonly manifest: Manifest
  /** The run that this one is to come out equal to. */
  readonly reproduces?: RunRecord['reproduces']
  /** The run that this one goes on from with fixes. */
  readonly retrains?: RunRecord['retrains']
}

export function newRunRecord({ name: given, preset, config, manifest, reproduces = null, retrains }: NewRunRequest): RunRecord {
  const datasetName = basename(manifest.root) || 'pictures'
  const now = new Date()
  const name = given?.trim() || datasetName
  return {
    version: 1,
    run_id: newRunId(now, name),
    name,
    origin: 'trained',
    dataset_root: manifest.root,
    dataset_name: datasetName,
    created_at: now.toISOString(),
    updated_at: now.toISOString(),
    status: 'waiting',
    backbone: config.backbone,
    preset,
    classes: manifest.classes,
    counts: manifestCounts(manifest).split,
    epochs_planned: totalEpochs(config),
    epochs_done: 0,
    best_epoch: null,
    best_metric: null,
    last_metric: null,
    monitor: config.monitor,
    resolved: {},
    environment: {},
    reproduces,
    ...(retrains === undefined ? {} : { retrains }),
    test_accuracy: null,
    device: null,
    total_s: 0,
    owner_pid: process.pid,
    failure: null,
    tags: [],
    note: '',
    archived: false,
  }
}
