import { TranslationBundle } from '@jupyterlab/translation';
import { make } from './dom';
import { countTypes } from './facts';
import { shownVersions } from './look';
import { backWith } from './settings';
import { GraphStore } from './store';

/** More entries than this are said, not shown: nobody reads them. */
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
    for (const name of [...byHand, ...ops.slice(0, MOST).map(op => store.nodes[op]?.name ?? '')]) {
      list.appendChild(
        make(
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
        )
      );
    }
    if (ops.length > MOST) {
      list.appendChild(make('p', { text: trans.__('and %1 more', (ops.length - MOST).toLocaleString()) }));
    }
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
  store.hits.slice(0, MOST).forEach((op, k) => {
    const { name, type } = store.nodes[op];
    box.appendChild(
      make(
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
      )
    );
  });
  if (store.hits.length > MOST) {
    box.appendChild(make('p', { text: trans.__('and %1 more', (store.hits.length - MOST).toLocaleString()) }));
  }
  return box;
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
