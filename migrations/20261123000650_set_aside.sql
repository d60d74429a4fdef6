-- Which cells have a take set aside is asked whenever a budget gets something back.

create index cells_set_aside on cells (run_id) where reserved_gpu_seconds is not null;
