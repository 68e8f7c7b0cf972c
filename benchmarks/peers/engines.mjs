// Two servers: the body of a request to the body of its response, with documents known from before.
import { buildSchema, parse, validate } from 'graphql'
import { compileQuery, isCompiledQuery } from 'graphql-jit'
import { createYoga } from 'graphql-yoga'

import { Shop, resolvers } from './shop.mjs'

/** Engines by name. `pool` is mysql2's, `cursorHead` as Shop takes it. */
export function engines(sdl, pool, cursorHead) {
  const schema = buildSchema(sdl)
  for (const [owner, fields] of Object.entries(resolvers)) {
    for (const [name, resolve] of Object.entries(fields)) {
      schema.getType(owner).getFields()[name].resolve = resolve
    }
  }
  const context = () => ({ shop: new Shop(pool, cursorHead) })
  return { 'graphql-yoga': yoga(schema, context), 'graphql-jit': jit(schema, context) }
}

/** The whole server without a socket: a Request to a Response; it keeps documents by itself. */
function yoga(schema, context) {
  const server = createYoga({ schema, logging: false, graphiql: false, landingPage: false, context })
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  return async (body) => {
    const response = await server.fetch('http://localhost/graphql', { method: 'POST', headers, body })
    return response.text()
  }
}

/** A function compiled for each document, and nothing of HTTP. */
function jit(schema, context) {
  const compiled = new Map()
  return async (body) => {
    const { query, variables } = JSON.parse(body)
    let known = compiled.get(query)
    if (!known) {
      known = compile(schema, query)
      compiled.set(query, known)
    }
    return known.stringify(await known.query(undefined, context(), variables))
  }
}

function compile(schema, query) {
  const document = parse(query)
  const [error] = validate(schema, document)
  if (error) throw error
  const compiled = compileQuery(schema, document, '', { customJSONSerializer: true })
  if (!isCompiledQuery(compiled)) throw new Error(JSON.stringify(compiled.errors))
  return compiled
}
