-- Entries are linked within their request as well, and signed. What was written before stays as it is (format 1, unsigned);
-- its links within the request are filled in from the order in which it stands.

alter table journal
  add column format           smallint not null default 1,
  add column request_seq      bigint,
  add column request_prev_hash text,
  add column key_id           text,
  add column signature        text;

update journal j
   set request_seq = linked.request_seq, request_prev_hash = linked.request_prev_hash
  from (select seq,
               row_number() over within_request as request_seq,
               coalesce(lag(hash) over within_request, repeat('0', 64)) as request_prev_hash
          from journal where request_id is not null
        window within_request as (partition by request_id order by seq)) linked
 where linked.seq = j.seq;

alter table journal
  add constraint linked_within_its_request check ((request_id is null) = (request_seq is null)),
  add constraint signed check (format = 1 or (key_id is not null and signature is not null));
create unique index journal_within_request on journal (request_id, request_seq);
drop index journal_request;

-- The public halves of the keys that entries are signed with. Nobody has to believe this table: an auditor pins keys.
create table evidence_key (
  key_id     text primary key,
  public_key text not null,
  since      timestamptz not null default now()
);
grant select, insert on evidence_key to restore_desk_app;

-- How far the chain was anchored outside, so that replicas do not write the same head twice.
create table evidence_anchored (
  only_row boolean primary key default true check (only_row),
  seq      bigint not null,
  at       timestamptz not null
);
insert into evidence_anchored (seq, at) values (0, now());
grant select, update on evidence_anchored to restore_desk_app;
