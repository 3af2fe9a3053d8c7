/**
 * The page's only script: it brings the filter to life, and opens the operation that the address names,
 * also when the filter had left it out or it was closed meanwhile. The page works without it.
 */
export const script = `
const box = document.querySelector(".filter"), input = box.querySelector("input"), count = box.querySelector("output")
const operations = [...document.querySelectorAll(".operation")]
function filter() {
  const words = input.value.toLowerCase().split(/\\s+/).filter(Boolean)
  const fits = (operation) => words.every((word) => operation.dataset.words.includes(word))
  for (const operation of operations) {
    operation.hidden = !fits(operation)
    document.getElementById("to:" + operation.id).hidden = operation.hidden
  }
  for (const module of document.querySelectorAll("nav div, main section")) module.hidden = !module.querySelector("li:not([hidden]), .operation:not([hidden])")
  count.textContent = words.length ? operations.filter((operation) => !operation.hidden).length + " of " + operations.length : ""
}
function open() {
  const operation = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  if (!operation?.matches(".operation")) return
  if (operation.hidden) { input.value = ""; filter() }
  operation.open = true
  operation.scrollIntoView()
}
box.hidden = false
input.addEventListener("input", filter)
addEventListener("hashchange", open)
// Where the address stays the same there is no such event.
document.querySelector("nav").addEventListener("click", ({ target }) => { if (target.hash === location.hash) open() })
filter()
open()
`
