/** All items in their order, so many at a time. */
export function inGroups<Item>(items: readonly Item[], size: number): (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}

/** The page that is asked for; `page` counts from 1. */
export function pageIn<Item>(
  items: readonly Item[],
  { page, pageSize }: { readonly page: number; readonly pageSize: number },
): readonly Item[] {
  return items.slice((page - 1) * pageSize, page * pageSize)
}
