-- Restores from Backup vaults: which job of Azure's carries an intent out.

alter table start_intent add column job_id text;
-- One job belongs to one intent: what somebody else's order made is never taken for ours.
create unique index start_intent_job on start_intent (job_id) where job_id is not null;
