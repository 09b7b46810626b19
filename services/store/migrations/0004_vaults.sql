-- Restores from Backup vaults: which job of Azure's carries an intent out.

alter table start_intent add column job_id text;
-- One job belongs to one intent: what somebody else's order made is never taken for ours.
create unique index start_intent_job on start_intent (job_id) where job_id is not null;

-- What was stored before there were vaults: their fields are empty, and what came of a restore was always a server.
create function pg_temp.with_vault_fields(body jsonb) returns jsonb language sql as $$
  select jsonb_set(body, '{inputs}',
    '{"vault":"","container":"","prefix":"","database":"","secret":"","rehydration":"","rehydrationDays":""}'::jsonb
      || (body -> 'inputs'))
$$;
update draft set body = pg_temp.with_vault_fields(body);
update restore_request set body = pg_temp.with_vault_fields(body);
update restore_request
   set body = jsonb_set(body #- '{state,hostName}' #- '{state,address}', '{state,got}',
     (body #> '{state,got}') || jsonb_build_object(
       'kind', 'server', 'hostName', body #> '{state,hostName}', 'address', body #> '{state,address}'))
 where body #>> '{state,phase}' = 'completed';

-- Cards that are not delivered yet are drawn by this version.
update outbox set message = '{"warnings":[]}'::jsonb || message where message ->> 'kind' = 'request';
update outbox set message = '{"makes":"server"}'::jsonb || message where message ->> 'kind' = 'failure';
update outbox set message = jsonb_set(message, '{inputs}',
    '{"vault":"","container":"","prefix":"","database":"","secret":"","rehydration":"","rehydrationDays":""}'::jsonb
      || (message -> 'inputs'))
 where message ->> 'kind' = 'form';
