// GraphiQL for the handler's page: mounts in #graphiql and asks the page's own address.
import 'graphiql/style.css';
import './page.css';
import './workers.js';

import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';

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
