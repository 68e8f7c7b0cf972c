// The resolvers of plain.graphql over mysql2: one loader for each level, as in resolvers.py.
import DataLoader from 'dataloader'

const LINE_TOTAL = 'ROUND(quantity * unit_price * (1 - discount), 2)'

/** The loaders of one request; `cursorHead` holds the first parts of this API's cursors. */
export class Shop {
  constructor(pool, cursorHead) {
    this.pool = pool
    this.cursorHead = cursorHead
    this.customers = this.loader((ids) => this.customersOf(ids))
    this.products = this.loader((ids) => this.productsOf(ids))
    this.items = this.loader((ids) => this.itemsOf(ids))
    this.sums = this.loader((ids) => this.sumsOf(ids))
    this.orderCounts = this.loader((ids) => this.orderCountsOf(ids))
    this.pages = new DataLoader((keys) => this.pagesOf(keys), {
      cacheKeyFn: ({ customerId, first }) => `${first} ${customerId}`,
    })
  }

  /** A loader over a function from keys to a Map. */
  loader(fetch) {
    return new DataLoader(async (keys) => {
      const found = await fetch(keys)
      return keys.map((key) => found.get(key))
    })
  }

  async rows(sql, values) {
    const [rows] = await this.pool.query({ sql, values, rowsAsArray: true })
    return rows
  }

  async order(orderId) {
    const [row] = await this.rows(
      'SELECT order_id, order_ref, ordered_at, customer_id FROM orders WHERE order_id = ?',
      [orderId],
    )
    return row && order(row)
  }

  async orders(first) {
    const rows = await this.rows(
      'SELECT order_id, order_ref, ordered_at, customer_id FROM orders' +
        ' ORDER BY ordered_at DESC, order_id DESC LIMIT ?',
      [first + 1],
    )
    return this.connection(rows, first)
  }

  async customerPage(first) {
    const rows = await this.rows(
      'SELECT customer_id, name, country FROM customers ORDER BY customer_id LIMIT ?',
      [first + 1],
    )
    const nodes = rows.slice(0, first).map(customer)
    return { nodes, pageInfo: { hasNextPage: rows.length > first, endCursor: null } }
  }

  connection(rows, first) {
    const shown = rows.slice(0, first)
    const last = shown.at(-1)
    const endCursor = last ? this.cursor(last) : null
    return { nodes: shown.map(order), pageInfo: { hasNextPage: rows.length > first, endCursor } }
  }

  cursor([orderId, , orderedAt]) {
    const place = [...this.cursorHead, orderedAt, orderId]
    return Buffer.from(JSON.stringify(place)).toString('base64url')
  }

  async customersOf(ids) {
    const rows = await this.rows(
      'SELECT customer_id, name, country FROM customers WHERE customer_id IN (?)',
      [ids],
    )
    return new Map(rows.map((row) => [row[0], customer(row)]))
  }

  async productsOf(ids) {
    const rows = await this.rows(
      'SELECT product_id, product_name, price FROM products WHERE product_id IN (?)',
      [ids],
    )
    return new Map(
      rows.map(([productId, productName, price]) => [
        productId,
        { productId, productName, price: Number(price), exactPrice: price },
      ]),
    )
  }

  async itemsOf(orderIds) {
    const items = new Map(orderIds.map((id) => [id, []]))
    const rows = await this.rows(
      `SELECT order_id, order_item_id, quantity, unit_price, ${LINE_TOTAL}, product_id` +
        ' FROM order_items WHERE order_id IN (?) ORDER BY order_id, order_item_id',
      [orderIds],
    )
    for (const [orderId, number, quantity, unitPrice, lineTotal, productId] of rows) {
      items.get(orderId).push({ orderItemId: String(number), quantity, unitPrice, lineTotal, productId })
    }
    return items
  }

  async sumsOf(orderIds) {
    const rows = await this.rows(
      `SELECT order_id, COUNT(*), SUM(${LINE_TOTAL}) FROM order_items` +
        ' WHERE order_id IN (?) GROUP BY order_id',
      [orderIds],
    )
    const sums = new Map(orderIds.map((id) => [id, { count: 0, total: '0' }]))
    for (const [orderId, count, total] of rows) sums.set(orderId, { count, total })
    return sums
  }

  async orderCountsOf(customerIds) {
    const rows = await this.rows(
      'SELECT customer_id, COUNT(*) FROM orders WHERE customer_id IN (?) GROUP BY customer_id',
      [customerIds],
    )
    return new Map([...customerIds.map((id) => [id, 0]), ...rows])
  }

  async pagesOf(keys) {
    const one =
      '(SELECT order_id, order_ref, ordered_at, customer_id FROM orders' +
      ' WHERE customer_id = ? ORDER BY ordered_at DESC, order_id DESC LIMIT ?)'
    const rows = await this.rows(
      keys.map(() => one).join(' UNION ALL '),
      keys.flatMap(({ customerId, first }) => [customerId, first + 1]),
    )
    const pages = new Map(keys.map(({ customerId }) => [customerId, []]))
    for (const row of rows) pages.get(row[3]).push(row)
    return keys.map(({ customerId, first }) => this.connection(pages.get(customerId), first))
  }
}

/** What a field of a type needs beyond its parent's object; the context holds the Shop. */
export const resolvers = {
  Query: {
    order: (_, { orderId }, { shop }) => shop.order(orderId),
    orders: (_, { first }, { shop }) => shop.orders(first),
    customers: (_, { first }, { shop }) => shop.customerPage(first),
  },
  Customer: {
    orders: ({ customerId }, { first }, { shop }) => shop.pages.load({ customerId, first }),
    orderCount: ({ customerId }, _, { shop }) => shop.orderCounts.load(customerId),
  },
  Order: {
    customer: ({ buyerId }, _, { shop }) => shop.customers.load(buyerId),
    items: ({ orderId }, _, { shop }) => shop.items.load(orderId),
    itemCount: async ({ orderId }, _, { shop }) => (await shop.sums.load(orderId)).count,
    total: async ({ orderId }, _, { shop }) => (await shop.sums.load(orderId)).total,
  },
  OrderItem: { product: ({ productId }, _, { shop }) => shop.products.load(productId) },
}

function order([orderId, orderRef, orderedAt, buyerId]) {
  const instant = orderedAt.replace('.000000', '').replace(' ', 'T')
  return { orderId, orderRef, orderedAt: `${instant}Z`, buyerId }
}

function customer([customerId, name, country]) {
  return { customerId, name, country }
}
