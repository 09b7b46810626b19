-- Servers as they were last seen, so that the desk knows them after a restart and while Azure is silent.

-- When a subscription's list was read last. For every server that Azure lists this is also when it was seen: it stands here
-- once, so that reading thousands of unchanged servers every minute writes one row.
create table subscription_read (
  subscription_id text primary key,
  at              timestamptz not null
);

create table known_server (
  -- Full id in lower case: Azure does not keep to one spelling.
  id              text primary key,
  subscription_id text not null references subscription_read,
  facts           jsonb not null,
  -- Of the facts as they were written: tells a changed server from an unchanged one without sending either.
  digest          text not null,
  reachable       boolean not null default true,
  -- Read only for servers that are unreachable or gone: when they were listed for the last time.
  seen_at         timestamptz not null,
  gone_at         timestamptz
);
create index known_server_subscription on known_server (subscription_id);
create index known_server_gone on known_server (gone_at) where gone_at is not null;

alter table start_intent
  add column ready_seen_at timestamptz,
  add column removal_sent_at timestamptz;

-- Durations are asked for by mode: what a fast restore takes says nothing of a geo-restore.
drop index restore_request_took;
create index restore_request_took on restore_request ((body -> 'plan' ->> 'mode'), updated_at desc)
  where took_millis is not null;

grant select, insert, update, delete on subscription_read, known_server to restore_desk_app;
