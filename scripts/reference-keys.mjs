// What the keys of a job file mean, and what holds where one is left out, for docs/reference.md. Which keys there are, and what
// values they take, the schema says; write-reference.mjs fails where the two differ.

/** Of keys that are flags of `run`, too, the flag says what they mean. */
export const JOB_KEYS = {
  stages: ['the stages, in order', ''],
  src: ['where tuples come from', 'stdin, where something is piped in'],
  dest: ['where the result goes: a file, a `folder/` of part files', '`-`'],
  format: ['what a tuple is', '`csv` where all sources end in .csv or .csv.gz, else `lines`'],
  header: ['the first row of each file is a header, no tuple', '`false`; true where a column is named'],
  outputHeader: ['begin the output with the header that fits it, where there is one', '`true`'],
  overwrite: ['replace a destination that exists', '`false`'],
  rate: ['read at most so many tuples a second', 'as fast as the stages take them'],
  workers: ['worker processes', 'one for each core that has a task'],
  maxTuple: ['the longest tuple, in bytes', '`64MiB`'],
  locale: ['`LC_ALL` of the operators', '`C`'],
  lineBuffered: ['start commands under `stdbuf -oL`', '`false`'],
  fuse: ['neighbouring stages run as one where they can', '`true`'],
  logTuples: ['which output tuples are written to the logs of tasks: the first 10,000, all, none', '`first`'],
  autoscale: ['change the number of each stage\'s tasks while the job runs', 'no'],
};

export const STAGE_KEYS = {
  operator: ['an operator of ours', 'one of `operator` and `command` is needed'],
  argument: ['of the operator', ''],
  command: ['a program of your own; in a list, its arguments are seen by no shell', ''],
  key: ['tuples that are equal there meet in one task', 'the operator\'s own; a command\'s input is spread by position'],
  tasks: ['copies that run side by side', '`1`'],
  okExit: ['exit statuses that are no failure, besides 0', '`1` for grep and its kin'],
  env: ['environment variables added for the stage', ''],
  cwd: ['the folder it runs in', 'that of the job'],
  contract: ['what the program promises ([exactly-once](exactly-once.md))', '`snapshot` of operators, `replay` of commands'],
  checkpointEvery: ['time, or amount of new input, between checkpoints', '1 s or 16 MiB, or four times the last state; where a fresh copy is started for each, 5 s or 32 MiB'],
  release: ['whether output goes on at once or when a checkpoint has it', '`eager`'],
  maxRestarts: ['restarts in a row without getting further, before the job fails', '3; 20 after SIGKILL'],
  stallTimeout: ['how long an operator may do nothing, though it could, before it is said to be stalled', '`60s` for operators, `off` for commands'],
  onStall: ['whether that is only said, or it is started again', '`report`'],
  onPoison: ['what becomes of a tuple of which the operator dies each time', '`fail`'],
  autoscale: ['limits, pace and marks of its own', 'those of the job'],
  name: ['what it is called in lists and logs', 'the operator\'s name, or the command\'s first word'],
};

export const AUTOSCALE_KEYS = {
  lw: ['a task that takes fewer tuples a second is one too many', ''],
  hw: ['one that takes more has too much to do', ''],
  lowBusy: ['instead of these: the same by the share of the time in which tasks work', '`0.5`'],
  highBusy: ['', '`0.8`'],
  min: ['of a stage: its tasks, at least', '`1`'],
  max: ['of a stage: its tasks, at most', '`32`'],
  cooldown: ['of a stage: so long after a change it keeps its tasks', '`10s`'],
};
