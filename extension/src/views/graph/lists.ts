import { TranslationBundle } from '@jupyterlab/translation';
import { make } from './dom';
import { countTypes } from './facts';
import { shownVersions } from './look';
import { backWith } from './settings';
import { GraphStore } from './store';

/** So many entries are shown at first, and so many more each time when more are asked for. */
const MOST = 200;

/** A list of types with their counts, each to be hidden or shown. */
export function typeList(store: GraphStore, trans: TranslationBundle): HTMLElement {
  const counts = countTypes(store.graph?.nodes ?? [], shownVersions(store));
  const known = new Set(counts.map(([type]) => type));
  // What is hidden stays to be shown again, even where the graph has no more of it.
  store.settings.hidden.filter(type => !known.has(type)).forEach(type => counts.push([type, 0]));
  const box = pane(trans.__('Types of operations that are shown'));
  if (counts.length === 0) {
    box.appendChild(make('p', { text: trans.__('The graph has no operations yet.') }));
    return box;
  }
  const checks: HTMLInputElement[] = [];
  for (const [type, count] of counts) {
    const check = make('input', {
      attributes: { type: 'checkbox' },
      on: {
        change: () => {
          const others = store.settings.hidden.filter(other => other !== type);
          store.set({ hidden: check.checked ? others : [...others, type] });
        }
      }
    });
    check.checked = !store.settings.hidden.includes(type);
    checks.push(check);
    box.appendChild(
      make(
        'label',
        { class: 'jp-glnb-graph-check' },
        check,
        make('span', { class: 'jp-glnb-graph-grow', text: type }),
        make('span', { class: 'jp-glnb-graph-faint', text: count.toLocaleString() })
      )
    );
  }
  box.insertBefore(
    textButton(trans.__('Show all'), () => {
      checks.forEach(check => (check.checked = true));
      store.set({ hidden: [] });
    }),
    box.children[1] ?? null
  );
  return box;
}

/** What was set aside, to be brought back; and the switch of the rule that sets things aside. */
export function asideList(store: GraphStore, trans: TranslationBundle): HTMLElement {
  const box = pane(trans.__('Set aside'));
  const rule = make('input', {
    attributes: { type: 'checkbox' },
    on: { change: () => store.set({ setAside: rule.checked, back: [], aside: [] }) }
  });
  rule.checked = store.settings.setAside;
  box.appendChild(
    make(
      'label',
      { class: 'jp-glnb-graph-check' },
      rule,
      make('span', { text: trans.__('Set bookkeeping aside: initializers, savers, slots, shared constants') })
    )
  );
  const list = make('div', { class: 'jp-glnb-graph-items' });
  const fill = () => {
    const ops = store.scene?.aside ?? [];
    const byHand = store.settings.aside.filter(name => name.endsWith('/'));
    list.replaceChildren();
    const names = [...byHand, ...ops.map(op => store.nodes[op]?.name ?? '')];
    addSome(list, names.length, trans, k => {
      const name = names[k];
      return make(
        'div',
        { class: 'jp-glnb-graph-item' },
        make('span', { class: 'jp-glnb-graph-grow', text: name, title: name }),
        textButton(
          trans.__('Bring back'),
          () => {
            store.set(backWith(store.settings, [name]));
            fill();
          },
          trans.__('Bring back %1', name)
        )
      );
    });
    if (list.childElementCount === 0) {
      list.appendChild(make('p', { text: trans.__('Nothing is set aside.') }));
    }
  };
  fill();
  rule.addEventListener('change', fill);
  box.appendChild(list);
  return box;
}

/** What was found, each to be gone to. */
export function hitList(store: GraphStore, trans: TranslationBundle): HTMLElement {
  const box = make('div', {
    class: 'jp-glnb-graph-pane jp-mod-hits',
    attributes: { role: 'group', 'aria-label': trans.__('Operations that were found') }
  });
  const { hits } = store;
  addSome(box, hits.length, trans, k => {
    const { name, type } = store.nodes[hits[k]];
    return make(
      'button',
      {
        class: 'jp-glnb-graph-entry',
        attributes: { type: 'button' },
        on: {
          click: () => {
            store.hit = k - 1;
            store.next(1);
          }
        }
      },
      make('span', { class: 'jp-glnb-graph-grow', text: name }),
      make('span', { class: 'jp-glnb-graph-faint', text: type })
    );
  });
  return box;
}

/** Adds entries to a list: some at first, and below them a button that brings more, as often as there are any. */
export function addSome(
  list: HTMLElement,
  count: number,
  trans: TranslationBundle,
  entry: (at: number) => HTMLElement,
  { from = 0, most = MOST } = {}
): void {
  const to = Math.min(count, from + most);
  const added: HTMLElement[] = [];
  for (let at = from; at < to; at++) {
    added.push(entry(at));
  }
  list.append(...added);
  if (to < count) {
    const more = textButton(trans.__('and %1 more', (count - to).toLocaleString()), () => {
      last.remove();
      const place = list.childElementCount;
      addSome(list, count, trans, entry, { from: to });
      const next = list.children[place];
      (next?.matches('button') ? (next as HTMLElement) : next?.querySelector<HTMLElement>('button'))?.focus();
    });
    const last = list.tagName === 'UL' ? make('li', {}, more) : more;
    list.appendChild(last);
  }
}

/** A button with words on it. */
export function textButton(text: string, press: () => void, label?: string): HTMLButtonElement {
  const button = make('button', {
    class: 'jp-glnb-graph-text-button',
    text,
    attributes: { type: 'button' },
    on: { click: press }
  });
  if (label) {
    button.setAttribute('aria-label', label);
  }
  return button;
}

function pane(title: string): HTMLElement {
  return make(
    'div',
    { class: 'jp-glnb-graph-pane', attributes: { role: 'group', 'aria-label': title } },
    make('div', { class: 'jp-glnb-graph-pane-title', text: title })
  );
}
