// Puts a button to copy below each step; without it the page has all the same words.
for (const block of document.querySelectorAll('.step pre')) {
  const button = document.createElement('button')
  const said = document.createElement('span')
  const name = block.getAttribute('aria-label') || 'the step'
  button.type = 'button'
  button.textContent = 'Copy'
  button.setAttribute('aria-label', 'Copy ' + name)
  said.setAttribute('role', 'status')
  said.className = 'soft'
  const tell = (text) => {
    said.textContent = ' ' + text
  }
  // Where the page did not come over HTTPS, browsers keep the clipboard back: then the text is marked, to be copied by hand.
  const mark = () => {
    getSelection().selectAllChildren(block)
    tell('Marked: copy it with your keyboard.')
  }
  button.addEventListener('click', () => {
    if (!navigator.clipboard) return mark()
    navigator.clipboard.writeText(block.textContent).then(() => tell('Copied.'), mark)
  })
  block.after(button, said)
}
