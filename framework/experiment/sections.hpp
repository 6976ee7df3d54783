#pragma once

#include <string>
#include <vector>

#include "varia/value.hpp"

/// The keys of an experiment file, and the names that it may give. Which sections a trial has, and
/// which of them belong to its identity, is said in trial.hpp.
namespace varia::experiment {

/// The sections of a trial, which a sweep reaches by dotted keys.
const std::vector<std::string>& trial_sections();
/// Those that name components: the relative paths in them start at the experiment file.
const std::vector<std::string>& sections_with_components();
/// True for the sections that are lists of components.
bool is_entry_section(const std::string& key);
/// Sections about how trials are run: no sweep reaches them.
const std::vector<std::string>& run_sections();
/// Every key that an experiment file may have.
const std::vector<std::string>& experiment_keys();

/// The name of an experiment, which becomes file names: 1 to 100 letters, digits, `_`, `.` and `-`,
/// the first a letter, a digit or `_`.
/// @throws ConfigError that says so, with `subject` as who is named.
void check_experiment_name(const Value& name, const std::string& subject);

/// The name of an entry, an axis or a variant, which becomes a part of dotted keys and of paths
/// in results: the same without dots.
void check_part_name(const Value& name, const std::string& subject);

}  // namespace varia::experiment
