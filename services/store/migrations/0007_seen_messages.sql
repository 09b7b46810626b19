-- A card that somebody presses is looked for among the messages that are known, by the id that Teams gave it.
create index outbox_message on outbox ((ref ->> 'messageId')) where ref is not null;
