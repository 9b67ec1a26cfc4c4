-- What one payment's notice writes, as the gateway would one at a time.
-- @name(…) as in submit.sql; :first is where this run's attempts begin.
\set i :i + 1
\set n :first + :client_id * :each + :i
BEGIN;
@payment_lock(1 | ARRAY['P1R' || lpad(to_hex(:n::bigint), 20, '0')]);
@payment_load(1 | ARRAY[:n::bigint + :base::bigint]);
@dossier_lock(1 | ARRAY[:n::bigint + :base::bigint]);
@dossier_by_ids(1 | ARRAY[:n::bigint + :base::bigint]);
@ledger_find(1 | ARRAY[(:n::bigint + 100000000000000)::text]);
@payment_hear('{1}' | '{vnpay}' | '{notice}' | ARRAY['P1R' || lpad(to_hex(:n::bigint), 20, '0')] | ARRAY[:n::bigint + :base::bigint] | '{paid}' | '{60000}' | ARRAY[(:n::bigint + 100000000000000)::text] | '{00/00}' | '{done}' | ARRAY[convert_to(repeat((:n::bigint)::text, 40), 'UTF8')] | now());
@payment_move(1 | ARRAY[:n::bigint + :base::bigint] | '{1}' | '{3}' | '{00/00}' | ARRAY[(:n::bigint + 100000000000000)::text] | '{0}' | now());
@payment_settle(1 | ARRAY[:n::bigint + :base::bigint] | ARRAY[:n::bigint + :base::bigint] | now());
@ledger_book(1::bigint | '{payment}' | ARRAY[:n::bigint + :base::bigint] | '{vnpay}' | ARRAY[(:n::bigint + 100000000000000)::text] | '{60000}' | now());
@dossier_move(1 | ARRAY[:n::bigint + :base::bigint] | '{6}' | '{3}' | '{4}' | ARRAY[now()] | '{0}');
@sla_pause_close(1 | ARRAY[:n::bigint + :base::bigint] | ARRAY[now()] | '{-2}' | '{0}');
@sla_clock(1 | ARRAY[:n::bigint + :base::bigint] | ARRAY[now() + interval '7 days'] | '{NULL}' | '{NULL}' | '{NULL}' | '{0}');
@timer_drop(1 | ARRAY[:n::bigint + :base::bigint] | '{intake,near-due,apology-due,overdue,fee-reminder,escalate-1,escalate-2,escalate-3}');
@timer_set(1::bigint | ARRAY[:n::bigint + :base::bigint, :n::bigint + :base::bigint] | '{near-due,overdue}' | ARRAY[now() + interval '6 days', now() + interval '7 days']);
@event_append('{1}' | ARRAY[:n::bigint + :base::bigint] | '{paid}' | '{1795431970261818}' | ARRAY[now()] | '{-2}' | '{"{}"}' | 'f3eb0beb209229554fab149b1675e246') \gset event_
@outbox_announce(1 | ARRAY[:event_id::bigint]);
@receipt_issue(1 | ARRAY[:n::bigint + :base::bigint] | now());
COMMIT;
