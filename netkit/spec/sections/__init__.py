"""From a document that follows the schema to a ``Topology``, a file for each part of it."""
