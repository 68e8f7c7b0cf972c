"""Schemas that the tests of this stage share."""

from __future__ import annotations

ORDERS = """
"Orders, their lines, and who bought what."
schema {
  query: Query
}

interface Node {
  "Unique in the whole API."
  id: ID!
}

interface Named implements Node {
  id: ID!
  name: String!
}

"One who buys."
type Customer implements Node & Named @table(name: "customers") @key(fields: "customerId") {
  id: ID!
  customerId: Int! @column(name: "customer_id")
  name: String!
  email: String @deprecated(reason: "Use `contact`.")
  contact: String
  orders(first: Int, after: String, last: Int): OrderConnection!
    @relation(columns: ["customer_id"], references: ["customer_id"]) @page(default: 10, maximum: 50)
  orderCount: Int! @count(of: "orders")
}

type Product implements Node & Named {
  id: ID!
  productId: Int!
  name: String!
  price: Decimal!
  tags: [String!]!
  weight: Float
}

type OrderItem @key(fields: "orderId orderItemId") {
  orderId: Int!
  orderItemId: Int!
  quantity: Int!
  unitPrice: Decimal!
  total: Decimal! @expression(sql: "{quantity} * {unit_price}")
  product: Product @relation(columns: ["product_id"], references: ["product_id"])
}

enum OrderStatus {
  OPEN @value(column: "o")
  PAID
  SHIPPED
  LOST @deprecated
}

type Order implements Node {
  id: ID!
  orderId: Int!
  status: OrderStatus!
  orderedAt: DateTime!
  total: Decimal @cost(weight: "2.0")
  customer: Customer!
  items(first: Int = 5): [OrderItem!]! @listSize(slicingArguments: ["first"])
}

type OrderEdge {
  cursor: String!
  node: Order!
}

type PageInfo {
  hasNextPage: Boolean!
  hasPreviousPage: Boolean!
  startCursor: String
  endCursor: String
}

type OrderConnection {
  edges: [OrderEdge!]!
  nodes: [Order!]!
  pageInfo: PageInfo!
  totalCount: Int!
}

input OrderFilter {
  status: [OrderStatus!]
  orderedFrom: DateTime
  orderedTo: DateTime
  minimum: Decimal = "0.00"
  customer: CustomerKey
  nested: OrderFilter
}

input CustomerKey @oneOf {
  id: ID
  email: String
  customerId: Int
}

union Hit = Customer | Product | Order

type Query {
  order(orderId: Int!): Order
  orders(filter: OrderFilter, first: Int, after: String, last: Int): OrderConnection!
    @page(maximum: 100)
  customer(by: CustomerKey!): Customer
  customers(ids: [ID!]!): [Customer]!
  node(id: ID!): Node
  search(text: String!, kinds: [String!] = ["Order", "Product"], limit: Int! = 10): [Hit!]!
    @listSize(slicingArguments: ["limit"])
  settings(at: JSON): JSON
}
"""

PETS = """
type Query {
  dog: Dog
  pet: Pet
  catOrDog: CatOrDog
  human(id: ID): Human
  arguments: Arguments
  findDog(by: DogInput): Dog
  exact(by: CatInput!): Dog
}

type Subscription {
  newMessage: Message
  disallowed: Dog
}

type Message { body: String sender: String }

enum DogCommand { SIT DOWN HEEL }

interface Pet { name: String! }

type Dog implements Pet {
  name: String!
  nickname: String
  barkVolume: Int
  doesKnowCommand(dogCommand: DogCommand!): Boolean!
  isHouseTrained(atOtherHomes: Boolean): Boolean!
  owner: Human
  extra: Cat
}

type Cat implements Pet {
  name: String!
  nickname: Int
  meowVolume: Int
  barkVolume: String
  owner: Human
  extra: Dog
}

union CatOrDog = Cat | Dog

type Human { name: String! pets: [Pet!] }

type Arguments {
  multiple(x: Int!, y: Int!): Int!
  boolean(b: Boolean): Boolean
  float(f: Float): Float
  int(i: Int): Int
  nonNull(b: Boolean!): Boolean!
  booleans(l: [Boolean]!): [Boolean]
  optional(b: Boolean! = false): Boolean!
}

input DogInput { name: String! owner: String = "me" friends: [DogInput!] }
input CatInput @oneOf { name: String age: Int }

directive @repeated(n: Int) repeatable on FIELD
directive @single on FIELD | QUERY
"""
