-- When somebody last removed what a dead worker's attempts had left half-written.

alter table workers add column swept_at timestamptz;
