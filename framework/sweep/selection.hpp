#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "experiment/plan.hpp"

namespace varia::sweep {

/// The trials of a plan that `--only` names, by their index, ascending.
///
/// Each entry of `only` is one of
/// - the id of a trial, or a beginning of it that no other trial has;
/// - `KEY=VALUE` of a resolved parameter, as `Trial::parameters` has it; numbers are compared as
///   numbers. `loss=elbo` is short for `loss.use=elbo`;
/// - `replicate=R`, `tag=WORD`, `notes.KEY=TEXT`;
/// - `@FILE`: a file with one of these per line. Empty lines and lines that begin with `#` are
///   skipped.
///
/// Several of one key, and several ids, are alternatives; of different keys all must hold. No entry
/// at all names every trial.
/// @throws ConfigError if an entry names no trial of the plan (with the nearest that does), if a
///         beginning is that of several trials, and if no trial meets all entries
/// @throws StoreError if a file cannot be read, or is larger than 64 MB
std::vector<std::size_t> select(const experiment::Plan& plan, const std::vector<std::string>& only);

}  // namespace varia::sweep
