"""What a ``Topology`` must hold beyond what its parts say each for itself."""
