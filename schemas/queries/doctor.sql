-- Every statement that cli_doctor.c runs.

-- name: doctor_waiting
-- What should have been done by now, and is not: seconds that the oldest has
-- waited, and how much an operator has to look at.
SELECT (SELECT coalesce(extract(epoch FROM now() - min(run_at)), 0)::bigint
          FROM outbox WHERE run_at <= now())               AS outbox_sec,
       (SELECT count(*) FROM outbox)                       AS outbox,
       (SELECT count(*) FROM outbox_dead)                  AS dead,
       (SELECT count(*) FROM outbox_channel
         WHERE paused_at IS NOT NULL)
     + (SELECT count(*) FROM outbox_dest
         WHERE paused_at IS NOT NULL
            OR disabled_at IS NOT NULL)                    AS paused,
       (SELECT coalesce(extract(epoch FROM now() - min(due_at)), 0)::bigint
          FROM timer
         WHERE fired_at IS NULL AND due_at <= now())       AS timer_sec;
