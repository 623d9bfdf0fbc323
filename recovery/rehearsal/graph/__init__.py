"""Graph's answer to a request: paths, queries, pages, links, permissions, throttling and faults."""
