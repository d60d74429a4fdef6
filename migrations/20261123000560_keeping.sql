-- Copies that are right already are neither locked nor written: an action that says itself what becomes of its cells pays for
-- the comparison alone. A cell that differs is locked first and judged again by what has been committed meanwhile, as
-- before; changes of two transactions that each leave a cell as it is leave it so together.
create or replace function keep_cells(p_ids bigint[]) returns void language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare differing bigint[];
begin
  if p_ids is null or cardinality(p_ids) = 0 then return; end if;
  differing := array(
    select c.id from cells c join cell_truth t on t.id = c.id
    where c.id = any (p_ids) and (c.status, c.stale, c.segments_done, c.segments_total)
      is distinct from (t.status, t.stale, t.segments_done, t.segments_total));
  if cardinality(differing) = 0 then return; end if;
  perform 1 from cells where id = any (differing) order by id for no key update;
  update cells c
  set status = t.status, stale = t.stale, segments_done = t.segments_done, segments_total = t.segments_total
  from cell_truth t
  where t.id = c.id and c.id = any (differing)
    and (c.status, c.stale, c.segments_done, c.segments_total)
      is distinct from (t.status, t.stale, t.segments_done, t.segments_total);
end $$;
