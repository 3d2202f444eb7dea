import { Command } from 'commander'
import { expect, test } from 'vitest'
import { runConfigSchema, type RunConfigKey } from '../../shared/domain/run-config'
import { addConfigOptions, CONFIG_OPTION_KEYS, configFromOptions, flagOf, parseConfigValue } from './config-options'

function parse(...parameters: string[]) {
  const command = new Command().exitOverride().configureOutput({ writeErr() {} })
  addConfigOptions(command)
  command.parse(parameters, { from: 'user' })
  return configFromOptions(command.opts())
}

test('every key takes its default back, as the schema has it', () => {
  for (const key of CONFIG_OPTION_KEYS) {
    const usual = runConfigSchema.parse({})[key]
    if (typeof usual !== 'string' && typeof usual !== 'number') continue
    expect(parse(flagOf(key), String(usual)), key).toMatchObject({ [key]: usual })
  }
})

test('what is not said is not there, so that presets and files hold', () => {
  expect(parse()).toEqual({})
  expect(parse('--epochs', '3')).toEqual({ epochs: 3 })
  expect(parse('--augment')).toEqual({ augment: true })
  expect(parse('--no-augment')).toEqual({ augment: false })
})

test('--monitor is what early stopping watches too', () => {
  expect(parse('--monitor', 'val_loss')).toEqual({ monitor: 'val_loss', early_stopping_metric: 'val_loss' })
})

test('--freeze-backbone is a freeze ratio of 1 and contradicts any other', () => {
  expect(parse('--freeze-backbone')).toEqual({ freeze: 'ratio', freeze_ratio: 1 })
  expect(parse('--freeze-backbone', '--freeze-ratio', '1')).toEqual({ freeze: 'ratio', freeze_ratio: 1 })
  expect(() => parse('--freeze-backbone', '--freeze-ratio', '.5')).toThrow(/--freeze-backbone means --freeze-ratio 1, but --freeze-ratio 0.5 came/)
})

test.each<[RunConfigKey, string, RegExp]>([
  ['epochs', 'ten', /--epochs expects a whole number from 1 to 10000, but "ten" came/],
  ['epochs', '0', /whole number from 1/],
  ['epochs', '-1', /whole number from 1/],
  ['epochs', '1.5', /whole number from 1/],
  ['epochs', '1e9', /whole number from 1/],
  ['epochs', '', /whole number/],
  ['epochs', '0x10', /whole number/],
  ['learning_rate', 'NaN', /--learning-rate expects a number from 0 to 10/],
  ['learning_rate', 'Infinity', /number from 0 to 10/],
  ['learning_rate', '1,5', /number from 0 to 10/],
  ['train_ratio', '0', /a number above 0, at most 1/],
  ['seed', '-1', /whole number of 0 or more/],
  ['seed', '9007199254740992', /whole number of 0 or more/],
  ['optimizer', 'adamx', /one of sgd, adam, adamw, but "adamx" came/],
  ['backbone', '', /expects a value/],
])('%s refuses %j and says what was expected', (key, text, message) => {
  expect(() => parseConfigValue(key, text)).toThrow(message)
})

test('the help of each option comes from the schema', () => {
  const command = new Command()
  addConfigOptions(command)
  const help = command.helpInformation()
  for (const key of CONFIG_OPTION_KEYS) {
    expect(help).toContain(flagOf(key))
    const option = command.options.find(({ long }) => long === flagOf(key))
    expect(option?.description.length, key).toBeGreaterThan(10)
  }
})
