-- Every JVM runs this when it starts; the lock lets them do so one after another.
select pg_advisory_lock(6074381205);

create table if not exists submission (
  id bigint generated always as identity primary key,
  problem text not null,
  language text not null,
  source text not null,
  sent_at timestamp with time zone not null default now(),
  -- How often a verdict was asked for: 1, and one more with each rejudge.
  round int not null default 1,
  -- The fencing token: each worker that takes the submission gets a higher one, and only who has the
  -- highest may write about it.
  attempt int not null default 0,
  -- How many workers have tried in this round.
  tries int not null default 0,
  -- The latest round that has a verdict. It is shown until that of a later one is there.
  judged int not null default 0,
  verdict text
);

create index if not exists waiting on submission (id) where judged < round;

-- What happened to a submission, in order: events are inserted while the row of the submission is
-- locked, so that those of one submission become visible in the order of their ids.
create table if not exists event (
  id bigint generated always as identity primary key,
  submission bigint not null references submission,
  round int not null,
  attempt int not null,
  kind text not null,
  body text not null,
  at timestamp with time zone not null default now()
);

create index if not exists event_of_submission on event (submission, id);

-- Whatever the workers do, there is one verdict for each time that one was asked for.
create unique index if not exists one_verdict on event (submission, round) where kind = 'judged';

-- That of db-scheduler.
create table if not exists scheduled_tasks (
  task_name text not null,
  task_instance text not null,
  task_data bytea,
  execution_time timestamp with time zone not null,
  picked boolean not null,
  picked_by text,
  last_success timestamp with time zone,
  last_failure timestamp with time zone,
  consecutive_failures int,
  last_heartbeat timestamp with time zone,
  version bigint not null,
  priority smallint,
  primary key (task_name, task_instance)
);

create index if not exists execution_time_idx on scheduled_tasks (execution_time);
create index if not exists last_heartbeat_idx on scheduled_tasks (last_heartbeat);
create index if not exists priority_execution_time_idx
  on scheduled_tasks (priority desc, execution_time asc);

select pg_advisory_unlock(6074381205);
