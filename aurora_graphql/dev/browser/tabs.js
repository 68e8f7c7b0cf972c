// The tabs of one project: what it opens with, and what was left open in this browser.

const NAMES = { tabs: 'graphiql:tabState', query: 'graphiql:query' };

// Two projects at the same address have nothing in common.
export function projectStorage(project) {
  const prefix = `${project}|`;
  const own = () => Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  return {
    getItem: (key) => localStorage.getItem(prefix + key),
    setItem: (key, value) => localStorage.setItem(prefix + key, value),
    removeItem: (key) => localStorage.removeItem(prefix + key),
    clear: () => own().forEach((key) => localStorage.removeItem(key)),
    get length() {
      return own().length;
    },
  };
}

// A query of this API first, then each saved operation. Tabs that were left open stay as they were,
// and operations that are new since then get tabs beside them.
export function openTabs(storage, facts) {
  const first = facts.first ?? { query: '{\n  __typename\n}\n', variables: '' };
  const tabs = [first, ...facts.operations].map(({ query, variables }) => ({
    query,
    variables: variables || null,
  }));
  const left = storage.getItem(NAMES.tabs);
  if (!left) {
    return { tabs, isFresh: true };
  }
  const state = JSON.parse(left);
  const titles = new Set(state.tabs.map((tab) => tab.title));
  for (const { name, query, variables } of facts.operations) {
    if (!titles.has(name)) {
      const tab = { query, variables: variables || null, headers: null, response: null };
      state.tabs.push({ ...tab, id: crypto.randomUUID(), title: name, operationName: name });
    }
  }
  storage.setItem(NAMES.tabs, JSON.stringify(state));
  return { tabs, isFresh: false };
}
