interface Page<Item> {
  items: Item[];
  next?: string;
}

type Ask<Item> = (query: { cursor?: string }) => Promise<Page<Item>>;

/** The API reads a bounded part of an index for each page, which may be empty though more follow. */
const patience = 5;

/** The next page that has something on it, as far as that is worth waiting for. */
export async function pageOf<Item>(ask: Ask<Item>, cursor: string | undefined): Promise<Page<Item>> {
  let page = await ask(cursor ? { cursor } : {});
  for (let asked = 1; asked < patience && page.items.length === 0 && page.next; asked++) {
    page = await ask({ cursor: page.next });
  }
  return page;
}

/** All items of a list that is short by its nature. */
export async function allOf<Item>(ask: Ask<Item>): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<Item> = await ask(cursor ? { cursor } : {});
    items.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return items;
}
