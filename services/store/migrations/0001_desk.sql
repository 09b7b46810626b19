-- The desk's own tables. The role that migrates owns them; the application role may neither change nor delete what the
-- journal holds.

create table restore_request (
  id          text primary key,
  number      bigint not null unique,
  version     integer not null default 1,
  phase       text not null,
  is_open     boolean not null,
  target_name text not null,
  body        jsonb not null,
  created_at  timestamptz not null,
  updated_at  timestamptz not null default now(),
  -- When a running request should be looked at again; a request overdue for long is picked up by any replica.
  next_look_at timestamptz,
  -- From start to usable, of restores that came to an end; the source of duration ranges.
  took_millis bigint
);
create unique index one_open_request_per_target on restore_request (target_name) where is_open;
create index restore_request_newest on restore_request (is_open desc, number desc);
create index restore_request_overdue on restore_request (next_look_at) where next_look_at is not null;
create index restore_request_took on restore_request (updated_at desc) where took_millis is not null;

-- A row, not a sequence: a number is given only to a request that is really stored, so R-1 is followed by R-2.
create table request_counter (only_row boolean primary key default true check (only_row), last bigint not null);
insert into request_counter (last) values (0);

create table draft (
  id         text primary key,
  version    integer not null default 1,
  phase      text not null,
  body       jsonb not null,
  created_at timestamptz not null
);
create index draft_checking on draft (created_at) where phase = 'checking';

-- The stored promise to order one server. At most one per approval round and attempt, whatever crashes or repeats.
create table start_intent (
  request_id    text not null references restore_request,
  revision      integer not null,
  attempt       integer not null,
  nonce         text not null unique,
  target_id     text not null,
  moment        timestamptz not null,
  created_at    timestamptz not null,
  sendings      integer not null default 0,
  last_sent_at  timestamptz,
  -- Signed URL, a secret: read by the poller only.
  operation_url text,
  accepted_at   timestamptz,
  absent_since  timestamptz,
  name_seen_taken boolean not null default false,
  primary key (request_id, revision, attempt)
);

create table outbox (
  slot         text primary key,
  request_id   text,
  destination  jsonb not null,
  message      jsonb not null,
  pace         text not null check (pace in ('at-once', 'coalesce')),
  wanted       integer not null default 1,
  sent         integer not null default 0,
  ref          jsonb,
  last_sent_at timestamptz,
  changed_at   timestamptz not null default now()
);
create index outbox_unsent on outbox (changed_at) where sent < wanted;

-- Further copies of a slot's message: a post whose answer was lost leaves one, and a click on it makes it known.
create table outbox_copy (
  slot       text not null references outbox,
  ref        jsonb not null,
  message_id text not null,
  primary key (slot, message_id)
);

create table journal (
  seq        bigint primary key,
  at         timestamptz not null,
  request_id text,
  kind       text not null,
  actor      jsonb not null,
  body       jsonb not null,
  prev_hash  text not null,
  hash       text not null unique
);
create index journal_request on journal (request_id, seq);

create table delivery (
  activity_key text primary key,
  at           timestamptz not null default now()
);
create index delivery_at on delivery (at);

create table conversation (
  thread_key text primary key,
  reference  jsonb not null,
  updated_at timestamptz not null default now()
);

create table teams_member (
  aad_object_id text primary key,
  teams_id      text not null,
  name          text not null,
  updated_at    timestamptz not null default now()
);
