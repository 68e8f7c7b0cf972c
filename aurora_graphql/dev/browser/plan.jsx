// The plan pane: the plan of the last answer as a tree, with the statements behind it.
import { useEffect, useState, useSyncExternalStore } from 'react';

// The plan of the last answer; the fetcher writes it, the pane reads it.
export const planOf = {
  value: {},
  readers: new Set(),
  set(value) {
    this.value = value;
    this.readers.forEach((read) => read());
  },
};
const subscribe = (read) => {
  planOf.readers.add(read);
  return () => planOf.readers.delete(read);
};

const count = (number, what) => `${number} ${what}${number === 1 ? '' : 's'}`;

function PlanIcon() {
  return (
    <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <title>Plan</title>
      <path d="M3 3h4M3 3v10h4M3 8h4" />
      <path d="M9 3h4M9 8h4M9 13h4" />
    </svg>
  );
}

function Copy({ text }) {
  const [isDone, setDone] = useState(false);
  useEffect(() => {
    const timer = isDone && setTimeout(() => setDone(false), 1500);
    return () => clearTimeout(timer);
  }, [isDone]);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setDone(true);
  };
  return (
    <button type="button" className="plan-copy" onClick={copy}>
      {isDone ? 'Copied' : 'Copy SQL'}
    </button>
  );
}

function Explain({ table }) {
  return (
    <div className="plan-scroll" tabIndex={0} role="region" aria-label="EXPLAIN">
      <table className="plan-explain">
        <thead>
          <tr>
            {table.columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, number) => (
            <tr key={number}>
              {row.map((cell, at) => (
                <td key={table.columns[at]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Statement({ statement, number }) {
  const { sql, rows, ms, cost, failure, explain, explainError } = statement;
  const facts = [count(rows, 'row'), `${ms} ms`];
  if (cost !== null) {
    facts.push(`cost ${cost}`);
  }
  return (
    <section className="plan-statement" aria-label={`Statement ${number}`}>
      <header>
        <strong>Statement {number}</strong> <span>{failure || facts.join(' · ')}</span>
        <Copy text={sql} />
      </header>
      <pre className="plan-sql" tabIndex={0} aria-label="SQL">
        {sql}
      </pre>
      {explain && <Explain table={explain} />}
      {explainError && <p>EXPLAIN: {explainError}</p>}
    </section>
  );
}

function Node({ node, statements }) {
  const own = statements.filter(([, each]) => node.batch !== null && each.batch === node.batch);
  const line = (
    <>
      <b>{node.label}</b> <span>{node.text}</span>
    </>
  );
  if (!node.children.length && !own.length) {
    return <li className="plan-leaf">{line}</li>;
  }
  return (
    <li>
      <details open>
        <summary>{line}</summary>
        {own.map(([number, each]) => (
          <Statement key={number} number={number} statement={each} />
        ))}
        <Nodes nodes={node.children} statements={statements} />
      </details>
    </li>
  );
}

function Nodes({ nodes, statements }) {
  if (!nodes.length) {
    return null;
  }
  return (
    <ul>
      {nodes.map((node) => (
        <Node key={node.label} node={node} statements={statements} />
      ))}
    </ul>
  );
}

function Plan({ plan }) {
  const statements = plan.statements.map((each, at) => [at + 1, each]);
  const rows = plan.statements.reduce((sum, each) => sum + each.rows, 0);
  const { cost, limit } = plan.cost;
  const others = statements.filter(([, each]) => each.batch === null);
  return (
    <>
      <p className="plan-facts">
        {count(plan.statements.length, 'statement')} · {count(rows, 'row')} · cost {cost} of {limit}
      </p>
      {plan.isCached && (
        <p className="plan-note">
          The answer came from the response cache. The statements were sent for this pane.
        </p>
      )}
      <Nodes nodes={plan.tree} statements={statements} />
      {others.map(([number, each]) => (
        <Statement key={number} number={number} statement={each} />
      ))}
    </>
  );
}

function Pane() {
  const { plan, isRunning } = useSyncExternalStore(subscribe, () => planOf.value);
  let content = <p>Run an operation to see its plan.</p>;
  if (isRunning) {
    content = <p>Running …</p>;
  } else if (plan) {
    content = <Plan plan={plan} />;
  } else if (planOf.value.plan === undefined && 'plan' in planOf.value) {
    content = <p>The operation was refused before it had a plan: the answer says why.</p>;
  }
  return (
    <section className="plan-pane" aria-label="Plan" aria-live="polite">
      <div className="plan-title">Plan</div>
      {content}
    </section>
  );
}

export const PLAN_PLUGIN = { title: 'Plan', icon: PlanIcon, content: Pane };
