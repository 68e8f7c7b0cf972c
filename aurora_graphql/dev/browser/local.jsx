// The local server's GraphiQL: a query of this API, the saved operations as tabs, the local token,
// the plan pane, and what is wrong with the files. A deployed API has `entry.jsx` instead.
import 'graphiql/style.css';
import './page.css';
import './local.css';
import './workers.js';

import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { useGraphiQLActions } from '@graphiql/react';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { useEffect, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';

import { PLAN_PLUGIN, planOf } from './plan.jsx';
import { openTabs, projectStorage } from './tabs.js';

// Every answer but those about the schema brings its plan, which the editor does not show.
const send = createGraphiQLFetcher({
  url: window.location.pathname,
  enableIncrementalDelivery: false, // an answer is one value
});
async function fetcher(request, options) {
  if (request.operationName === 'IntrospectionQuery') {
    return send(request, options);
  }
  planOf.set({ isRunning: true });
  const answer = await send({ ...request, extensions: { plan: true } }, options);
  const { plan, ...extensions } = answer?.extensions ?? {};
  planOf.set({ plan });
  const { extensions: _, ...shown } = answer;
  return Object.keys(extensions).length ? { ...shown, extensions } : shown;
}

// Says what is wrong with the files, and asks for the schema anew when it has changed.
function Watch() {
  const { introspect } = useGraphiQLActions();
  const [error, setError] = useState('');
  const version = useRef(null);
  useEffect(() => {
    const events = new EventSource('/local/events');
    events.onmessage = ({ data }) => {
      const state = JSON.parse(data);
      setError(state.error);
      if (version.current !== null && version.current !== state.version) {
        introspect();
      }
      version.current = state.version;
    };
    events.onerror = () => setError('The local server does not answer. Is it running?');
    return () => events.close();
  }, [introspect]);
  if (!error) {
    return null;
  }
  return (
    <div className="local-error" role="alert">
      <strong>The files have an error; the API goes on as it was before.</strong>
      <pre tabIndex={0}>{error}</pre>
    </div>
  );
}

function Page({ facts }) {
  const headers = Object.keys(facts.headers).length ? JSON.stringify(facts.headers, null, 2) : '';
  const storage = projectStorage(facts.project);
  const { tabs, isFresh } = openTabs(storage, facts);
  return (
    <GraphiQL
      fetcher={fetcher}
      storage={storage}
      defaultTabs={tabs}
      initialVariables={isFresh && tabs[0].variables ? tabs[0].variables : undefined}
      defaultHeaders={headers}
      defaultEditorToolsVisibility={headers ? 'headers' : true}
      plugins={[PLAN_PLUGIN, HISTORY_PLUGIN]}
      visiblePlugin={PLAN_PLUGIN}
    >
      <GraphiQL.Footer>
        <Watch />
      </GraphiQL.Footer>
    </GraphiQL>
  );
}

const root = createRoot(document.getElementById('graphiql'));
const response = await fetch('/local/page.json');
root.render(<Page facts={await response.json()} />);
