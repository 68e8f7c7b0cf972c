// GraphiQL for the handler's page: mounts in #graphiql and asks the page's own address.
import 'graphiql/style.css';
import './page.css';

import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';

// The editors' workers lie beside this script, so they come from the same origin.
const workers = { json: 'json.worker.js', graphql: 'graphql.worker.js' };
globalThis.MonacoEnvironment = {
  getWorker: (_id, label) =>
    new Worker(new URL(workers[label] ?? 'editor.worker.js', import.meta.url), { type: 'module' }),
};

const example = `# Ctrl-Enter runs, Ctrl-Space completes;
# the book (left) is the documentation.
{
  __typename
}
`;

const fetcher = createGraphiQLFetcher({ url: window.location.pathname });
createRoot(document.getElementById('graphiql')).render(
  <GraphiQL fetcher={fetcher} defaultQuery={example} />,
);
