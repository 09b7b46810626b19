-- What the application role may do. The journal and the migrations are append-only and read-only to it.
grant usage on schema public to restore_desk_app;
grant select, insert, update, delete on
  restore_request, request_counter, draft, start_intent, outbox, outbox_copy, delivery, conversation, teams_member
  to restore_desk_app;
grant select, insert on journal to restore_desk_app;
