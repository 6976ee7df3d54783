# Completion of varia for bash: the program itself says what may follow (varia complete).
_varia() {
  local -a words
  read -ra words <<<"${COMP_LINE:0:COMP_POINT}"
  if [[ ${COMP_LINE:0:COMP_POINT} == *[[:space:]] ]]; then words+=(''); fi
  local current=${words[-1]} text
  # bash puts a candidate behind the last of its word breaks, = among them.
  local kept=''
  if [[ $COMP_WORDBREAKS == *=* && $current == *=* ]]; then kept=${current%"${current##*=}"}; fi
  COMPREPLY=()
  while IFS=$'\t' read -r text _; do
    COMPREPLY+=("${text#"$kept"}")
  done < <("$1" complete -- "${words[@]:1}" 2>/dev/null)
  if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=/] ]]; then compopt -o nospace; fi
}
complete -o bashdefault -o default -F _varia varia
