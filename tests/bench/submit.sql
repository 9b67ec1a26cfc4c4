-- What one submission writes, as the gateway writes it: @name(…) is the
-- statement of that name in schemas/queries with its arguments put in.
\set n random(1, 9000000000000000)
@dossier_code_next(1 | 1 | now()) \gset new_
BEGIN;
@idempotency_claim('client:3' | 'bench-' || :n::bigint | sha256(int8send(:n::bigint)) | 72);
@content_add(1 | sha256(int8send(:n::bigint)) | convert_to(repeat(md5((:n::bigint)::text), 3200), 'UTF8'));
@dossier_add(1 | :new_code::text | 1 | (SELECT id FROM procedure WHERE tenant_id = 1 AND code = 'BENCH-1') | 'online' | :client::bigint | NULL | '{"id": "012345678901", "kind": "citizen", "name": "NGUYỄN VĂN AN", "email": "an.nguyen@example.com", "id_kind": "CCCD"}' | now() | now() + interval '1 day') \gset added_
@document_add(1 | :added_id::bigint | 'application' | 'component' | 'application.pdf' | sha256(int8send(:n::bigint)) | 102400 | NULL | 'pades' | 'TOTAL-PASSED' | NULL | :report::text | now() | :client::bigint);
@timer_set(1::bigint | ARRAY[:added_id::bigint] | '{intake}' | ARRAY[now() + interval '1 day']);
@event_append('{1}' | ARRAY[:added_id::bigint] | '{registered}' | '{1795431970261818}' | ARRAY[now()] | '{3}' | ARRAY['{"code":"' || :new_code::text || '","documents":[{"name":"application","sha256":"820e313f567200ce326766d2e0198fc92d8c34fd5d5e3879d488ab84bbb1182f"}],"procedure":"BENCH-1","procedure_version":1,"to":1}'] | 'f3eb0beb209229554fab149b1675e246') \gset event_
@outbox_announce(1 | ARRAY[:event_id::bigint]);
@idempotency_keep('client:3' | 'bench-' || :n::bigint | 201 | 'application/json' | convert_to(repeat('x', 1500), 'UTF8'));
COMMIT;
