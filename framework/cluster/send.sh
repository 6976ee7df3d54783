# The part of submit.sh that is the same in every submission.

cd -- "$(dirname -- "${BASH_SOURCE[0]}")" || exit 2
if [[ -e jobs ]]; then
  echo 'this submission was sent already; varia submit makes a new one of what is missing' >&2
  exit 2
fi

all=
last=
# send KIND FIRST COUNT OPTIONS...: sbatch, then a line `KIND ID FIRST COUNT` in the file `jobs`.
send() {
  local kind=$1 first=$2 count=$3 id
  shift 3
  id=$(sbatch --parsable "$@") || exit 2
  last=${id%%;*}
  all+=:$last
  printf '%s %s %s %s\n' "$kind" "$last" "$first" "$count" | tee -a jobs
}
