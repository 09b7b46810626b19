-- Stages, clocks and reviews of a sign-off.

-- When the clock of a request has to be looked at next: a reminder, an escalation, its end, a review that is due.
alter table restore_request
  add column next_clock_at timestamptz,
  -- Who started it without approval, while nobody has looked at that yet.
  add column review_owed_by text;
create index restore_request_clock on restore_request (next_clock_at) where next_clock_at is not null;
create index restore_request_review on restore_request (review_owed_by) where review_owed_by is not null;
create index journal_glass on journal (at) where kind = 'glass-broken';

-- Rules of one list of people became rules of stages.
create function pg_temp.staged(rule jsonb) returns jsonb language sql as $$
  select (rule - 'needed' - 'approvers') || jsonb_build_object(
    'aliases', '[]'::jsonb,
    'stages', jsonb_build_array(jsonb_build_object(
      'name', 'approval',
      'needed', rule -> 'needed',
      'people', rule -> 'approvers',
      'parties', coalesce((select jsonb_agg(jsonb_build_object(
          'kind', 'user', 'id', person ->> 'aadObjectId', 'name', person ->> 'name'))
        from jsonb_array_elements(rule -> 'approvers') person), '[]'::jsonb))))
$$;
-- A process of the version before that has read one of them must not write it back as it was.
update restore_request set body = jsonb_set(body, '{rule}', pg_temp.staged(body -> 'rule')), version = version + 1
 where body -> 'rule' ? 'approvers';
update restore_request set next_clock_at = (body #>> '{state,expiresAt}')::timestamptz
 where phase = 'awaiting-approval';
update outbox set message = jsonb_set(message, '{rule}', pg_temp.staged(message -> 'rule'))
 where message ->> 'kind' = 'request' and message -> 'rule' ? 'approvers';
