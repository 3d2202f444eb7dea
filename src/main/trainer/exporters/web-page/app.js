/** The page: takes a picture by drop, paste or choice, and shows what the model says of it. */
;(() => {
  'use strict'
  const { graft } = globalThis
  const element = (id) => document.getElementById(id)
  const SHOWN = 6

  let classifier = null
  /** The last answer: { name, probabilities }, or null. */
  let answer = null
  let showsAll = false
  /** Counts pictures, so that a slow answer never replaces a newer one. */
  let latest = 0
  let previewAddress = null

  const setState = (state) => {
    document.body.dataset.state = state
  }
  const hasModel = () => classifier !== null

  function percent(probability) {
    if (probability > 0.9995) return '> 99.9 %'
    if (probability < 0.0005) return '< 0.1 %'
    return `${(100 * probability).toFixed(1)} %`
  }

  function showProblem(error) {
    console.warn(error)
    const known = error instanceof graft.Problem
    element('notice-what').textContent = known ? error.message : 'Something went wrong that this page did not expect.'
    element('notice-do').textContent = known ? error.action : `Load it again. The browser says: ${error.message}`
    element('notice').hidden = false
  }

  function closeProblem() {
    element('notice').hidden = true
  }

  function row(label, probability) {
    const item = document.createElement('li')
    const part = (className, text) => {
      const span = document.createElement('span')
      span.className = className
      span.textContent = text
      return span
    }
    const name = part('label', label)
    name.title = label
    const track = part('track', '')
    track.setAttribute('aria-hidden', 'true')
    const fill = document.createElement('div')
    fill.className = 'fill'
    track.append(fill)
    item.append(name, part('share', probability === null ? '' : percent(probability)), track)
    if (probability !== null) {
      item.classList.add('best')
      item.title = String(probability)
      // After the first paint, so that the bar grows.
      requestAnimationFrame(() => {
        fill.style.width = `${100 * probability}%`
      })
    }
    return item
  }

  /** The classes: by probability once there is an answer, else in the model's own order. */
  function showBars() {
    const ranked = classifier.labels.map((label, index) => ({ label, probability: answer === null ? null : answer.probabilities[index] }))
    if (answer !== null) ranked.sort((a, b) => b.probability - a.probability)
    // One more costs no more room than the words that say so.
    const count = showsAll || ranked.length <= SHOWN + 1 ? ranked.length : SHOWN
    element('bars').replaceChildren(...ranked.slice(0, count).map(({ label, probability }) => row(label, probability)))
    element('more').hidden = ranked.length <= SHOWN + 1
    element('more').textContent = showsAll ? `Show the first ${SHOWN}` : `Show all ${ranked.length} classes`
    element('more').setAttribute('aria-expanded', String(showsAll))
    return ranked[0]
  }

  async function showAnswer(file, picture, probabilities, milliseconds) {
    answer = { probabilities }
    showsAll = false
    const best = showBars()
    element('answers-title').textContent = 'Answer'
    element('answer').textContent = best.label
    const name = file.name === '' ? 'Pasted picture' : file.name
    element('meta').textContent = `${percent(best.probability)} · ${name} · ${picture.width} × ${picture.height} · ${milliseconds} ms`
    element('preview').alt = name
    element('another').hidden = false
    setState('answered')
  }

  function showPreview(file) {
    if (previewAddress !== null) URL.revokeObjectURL(previewAddress)
    previewAddress = URL.createObjectURL(file)
    element('preview').src = previewAddress
    element('preview').alt = ''
    element('preview').hidden = false
  }

  async function takePicture(file) {
    if (!hasModel()) throw new graft.Problem('The model is not loaded yet.', 'Give the picture again once it is.')
    const turn = ++latest
    const before = document.body.dataset.state
    const decoded = await graft.decodePicture(file).catch(() => null)
    if (turn !== latest) return
    if (decoded === null) {
      const name = file.name === '' ? 'What was given' : file.name
      throw new graft.Problem(`${name} is not a picture that this browser can open.`, 'Give a whole JPEG, PNG, WebP, GIF or AVIF file.')
    }
    closeProblem()
    showPreview(file)
    element('meta').textContent = `Classifying ${file.name}`
    setState('busy')
    // The page is painted before the model takes the processor.
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
    const started = performance.now()
    try {
      const probabilities = await classifier.classify(decoded)
      if (turn === latest) await showAnswer(file, decoded, probabilities, Math.round(performance.now() - started))
    } catch (error) {
      if (turn === latest) setState(before)
      throw error
    }
  }

  async function openModel(files) {
    closeProblem()
    setState('loading')
    try {
      classifier = await graft.openClassifier(files, (share) => {
        element('loading').value = share
        element('loading-words').textContent = share < 1 ? `Loading the model, ${Math.round(100 * share)} %` : 'Preparing the model'
      })
    } catch (error) {
      setState(files === null ? 'failed' : 'needs-model')
      element('meta').textContent = 'No model is loaded'
      throw error
    }
    graft.classifier = classifier
    const count = classifier.labels.length
    element('about').textContent = `${classifier.title} with ${count} classes. It runs in this browser; pictures stay on this computer.`
    element('engine').textContent = classifier.engine
    element('answers-title').textContent = 'Classes'
    element('meta').textContent = `Ready: the model knows ${count} classes`
    showBars()
    setState('empty')
  }

  /** All files of what was dropped, folders looked through one level deep, where the page's own folder lies too. */
  async function droppedFiles(transfer) {
    const handles = [...transfer.items].filter(({ kind }) => kind === 'file').map((item) => item.getAsFileSystemHandle?.() ?? null)
    const files = [...transfer.files]
    const folders = (await Promise.all(handles.map((handle) => handle?.catch(() => null)))).filter((handle) => handle?.kind === 'directory')
    if (folders.length === 0) return files
    const found = []
    const walk = async (folder, depth) => {
      for await (const handle of folder.values()) {
        if (handle.kind === 'file') found.push(await handle.getFile())
        else if (depth > 0) await walk(handle, depth - 1)
      }
    }
    for (const folder of folders) await walk(folder, 1)
    return found
  }

  async function takeFiles(files) {
    if (files.length === 0) return
    if (files.some(({ name }) => name === 'model.json') || (!hasModel() && location.protocol === 'file:')) return openModel(files)
    return takePicture(files.find(({ type }) => type.startsWith('image/')) ?? files[0])
  }

  const attempt = (action) => {
    Promise.resolve().then(action).catch(showProblem)
  }

  const choices = {
    picture: () => element('picture-input').click(),
    folder: () => element('folder-input').click(),
    reload: () => location.reload(),
  }
  for (const button of document.querySelectorAll('[data-choose]')) button.addEventListener('click', choices[button.dataset.choose])
  for (const input of [element('picture-input'), element('folder-input')]) {
    input.addEventListener('change', () => {
      const files = [...input.files]
      // The same file may be chosen again.
      input.value = ''
      attempt(() => takeFiles(files))
    })
  }
  element('more').addEventListener('click', () => {
    showsAll = !showsAll
    showBars()
  })
  element('notice-close').addEventListener('click', closeProblem)

  let depth = 0
  const dragging = (change) => {
    depth = Math.max(0, depth + change)
    document.body.toggleAttribute('data-dragging', depth > 0)
  }
  addEventListener('dragenter', () => dragging(1))
  addEventListener('dragleave', () => dragging(-1))
  addEventListener('dragover', (event) => event.preventDefault())
  addEventListener('drop', (event) => {
    event.preventDefault()
    dragging(-depth)
    const files = droppedFiles(event.dataTransfer)
    attempt(async () => takeFiles(await files))
  })
  addEventListener('paste', (event) => {
    const files = [...event.clipboardData.files]
    if (files.length > 0) attempt(() => takeFiles(files))
  })

  if (location.protocol === 'file:') {
    setState('needs-model')
    element('meta').textContent = 'No model is loaded'
  } else attempt(() => openModel(null))
})()
