# The part of job.sh that is the same in every submission. Set before it: submission, container,
# run, signal_before, requeues, task; and the trap of `stop`, with signals and child.

say() { printf 'varia: task %s: %s\n' "$task" "$*"; }
id=${SLURM_ARRAY_JOB_ID:-${SLURM_JOB_ID:-none}}${SLURM_ARRAY_TASK_ID:+_$SLURM_ARRAY_TASK_ID}
say "job $id on $(hostname), restart ${SLURM_RESTART_COUNT:-0}"

if ! "${container[@]}" sha256sum --check --quiet "$submission/digests"; then
  say 'the program, a plugin or a file is not the one that was submitted (see above), so nothing' \
    'is run. Put it back, or cancel these tasks and call varia submit again.'
  exit 2
fi

# No trial is started that cannot reach a checkpoint before the signal. Slurm before 23 does not
# tell the end in the environment.
end=${SLURM_JOB_END_TIME:-}
if [[ -z $end && -n ${SLURM_JOB_ID:-} ]]; then
  # date takes an empty text, which is what squeue prints if it fails, for midnight.
  when=$(SLURM_TIME_FORMAT=standard squeue --noheader --jobs="$id" --format=%e 2>/dev/null)
  if [[ $when == *T* ]]; then end=$(date --date="$when" +%s 2>/dev/null); fi
fi
if [[ $end =~ ^[0-9]+$ ]]; then run+=(--deadline "$((end - signal_before))"); fi

"${run[@]}" &
child=$!
if ((signals)); then stop; fi
# A signal ends the wait early, and varia goes on until its checkpoints are written.
while true; do
  seen=$signals
  wait "$child"
  code=$?
  if ((signals == seen)); then break; fi
done
# 138, 143: the signal came before varia could handle it.
if ((signals && (code == 138 || code == 143))); then code=75; fi
if ((code != 75)); then
  say "ends with exit code $code"
  exit "$code"
fi

# Only a job that Slurm still wants to run: one that was cancelled must stay so, and one that is
# being requeued is in the queue already.
state=$(squeue --noheader --jobs="$id" --format=%T 2>/dev/null)
if [[ $state != RUNNING ]]; then
  say "interrupted; Slurm says the job is ${state:-unknown}"
elif ((${SLURM_RESTART_COUNT:-0} >= requeues)); then
  say "interrupted, and restarted $requeues times before; varia submit sends what is missing"
elif scontrol requeue "$id"; then
  say 'interrupted; back in the queue'
else
  say 'interrupted, and the site forbids requeueing; varia submit sends what is missing'
fi
exit 75
