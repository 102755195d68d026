"""Who gets which pool, address and device name; what is remembered stays with its holder."""
