"""The edges: each talks to one service and knows no GraphQL.

``url`` says where the database is, ``database`` holds its connections, ``resultset`` reads rows.
"""
