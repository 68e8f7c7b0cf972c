// node --expose-gc program.mjs SDL SOCKET USER PASSWORD DATABASE CURSOR_HEAD
// Asks the engine that a line of JSON names and writes a line: {"ready"} first, then an answer for
// each {"engine", "ask", "calls" or "seconds", "untimed"}, where "ask" is the body of a request and
// "untimed" a number of calls before the others: the last answer and, of every timed call,
// nanoseconds on the clock and of the processor.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

import { createPool } from 'mysql2/promise'

import { engines } from './engines.mjs'

const [sdl, socketPath, user, password, database, cursorHead] = process.argv.slice(2)
const pool = createPool({ socketPath, user, password, database, connectionLimit: 4, dateStrings: true })
const known = engines(readFileSync(sdl, 'utf8'), pool, JSON.parse(cursorHead))

async function run({ engine, ask: body, calls = Infinity, seconds = Infinity, untimed = 0 }) {
  const ask = known[engine]
  const wall = []
  const cpu = []
  let answer = ''
  globalThis.gc()
  for (let number = 0; number < untimed; number += 1) await ask(body)
  const end = performance.now() + seconds * 1000
  while (wall.length < calls && performance.now() < end) {
    const before = process.cpuUsage()
    const began = process.hrtime.bigint()
    answer = await ask(body)
    wall.push(Number(process.hrtime.bigint() - began))
    const used = process.cpuUsage(before)
    cpu.push((used.user + used.system) * 1000)
  }
  return { answer, wall_ns: wall, cpu_ns: cpu }
}

function write(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

write({ ready: true })
for await (const line of createInterface({ input: process.stdin })) {
  write(await run(JSON.parse(line)))
}
await pool.end()
